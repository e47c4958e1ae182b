//# readers
// manifest.json: {"name": "host:card", "scope": {"applets": ["F0475549434845540001"]}, "reason": "…"}
const readers = await guichet.card.readers();
readers.map((reader) => reader.slot); // → ["present"]

//# wait-for
const reader = await guichet.card.waitFor("present", 30);
reader.slot; // → "present"

//# connect
const connection = await guichet.card.connect("F0475549434845540001");
connection.number; // → 1

//# exchange
const { number } = await guichet.card.connect("F0475549434845540001");
const answer = await guichet.card.exchange(number, new Uint8Array([0x00, 0xca, 0x00, 0x00, 0x00]));
typeof answer.status; // → "number"

//# disconnect
const over = await guichet.card.connect("F0475549434845540001");
await guichet.card.disconnect(over.number);
await guichet.card.disconnect(over.number);
