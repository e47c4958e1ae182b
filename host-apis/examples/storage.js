//# get
const draft = await guichet.storage.get("draft");
draft ?? "nothing yet"; // → "nothing yet"

//# set
await guichet.storage.set("draft", "18 Mill Lane");
await guichet.storage.set("photo", new Uint8Array([137, 80, 78, 71]));
await guichet.storage.get("draft"); // → "18 Mill Lane"
(await guichet.storage.get("photo")).length; // → 4

//# remove
await guichet.storage.set("draft", "18 Mill Lane");
await guichet.storage.remove("draft");
await guichet.storage.remove("was never there");
(await guichet.storage.get("draft")) === undefined; // → true

//# keys
await guichet.storage.set("report/2", "a bench");
await guichet.storage.set("report/1", "a light");
await guichet.storage.set("draft", "…");
await guichet.storage.keys("report/"); // → ["report/1","report/2"]
