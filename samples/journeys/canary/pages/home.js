// Writes twenty secrets, one through each way there is, made of a seed that is typed; and tells first what it has found of any.
// No secret stands in the package: what is found afterwards was left behind.

const seed = document.getElementById("seed");
const told = document.getElementById("told");
const secretOf = (way) => `cnry-${String(way).padStart(2, "0")}-${seed.value}`;
const looks = (value) => /cnry-\d\d-\w+/.exec(typeof value === "string" ? value : JSON.stringify(value) ?? "")?.[0];

function database() {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open("canary", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore("all");
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
  });
}

const inDatabase = async (mode, work) => {
  const store = (await database()).transaction("all", mode).objectStore("all");
  return new Promise((resolve, reject) => {
    const asked = work(store);
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
};

function copy(text) {
  const area = Object.assign(document.createElement("textarea"), { value: text });
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}

function select(text) {
  const line = Object.assign(document.createElement("p"), { textContent: text });
  document.body.append(line);
  getSelection().selectAllChildren(line);
}

const channel = new BroadcastChannel("canary");

/** One way each: what it is called, and how it is written. */
const ways = [
  ["storage", (secret) => guichet.storage.set("canary", secret)],
  ["storage, as bytes", (secret) => guichet.storage.set("canary-bytes", new TextEncoder().encode(secret))],
  ["localStorage", (secret) => localStorage.setItem("canary", secret)],
  ["sessionStorage", (secret) => sessionStorage.setItem("canary", secret)],
  ["IndexedDB", (secret) => inDatabase("readwrite", (store) => store.put(secret, "canary"))],
  ["Cache", async (secret) => (await caches.open("canary")).put("/canary", new Response(secret))],
  ["cookie", (secret) => { document.cookie = `canary=${secret}; max-age=86400`; }],
  ["form", (secret) => { const field = Object.assign(document.createElement("input"), { name: "street", autocomplete: "street-address", value: secret }); document.getElementById("form").append(field); }],
  ["clipboard", copy],
  ["logic", (secret) => guichet.logic.call("keep", { secret })],
  ["print", (secret) => guichet.logic.call("print", { secret })],
  ["log", (secret) => { console.log(secret); guichet.log.write("error", secret); }],
  ["report", (secret) => guichet.log.report({ message: secret, stack: secret })],
  ["network", (secret) => guichet.logic.call("send", { secret })],
  ["history", (secret) => history.pushState({ secret }, "", `?canary=${secret}#${secret}`)],
  ["window name", (secret) => { window.name = secret; }],
  ["service worker", (secret) => navigator.serviceWorker?.register(`worker.js?${secret}`)],
  ["title", (secret) => { document.title = secret; }],
  ["blob and channel", (secret) => { URL.createObjectURL(new Blob([secret])); channel.postMessage(secret); }],
  ["address of a page", (secret) => guichet.navigation.navigate(`pages/next?canary=${secret}`)],
];

/** A list where the search finds it, and not in the words of this file. */
const note = (word, list) => guichet.storage.set(word, `${word}:[${list.join(" ")}]`);

async function write() {
  const written = {};
  // While the key that has asked for it still counts as an act of a person.
  copy(secretOf(9));
  await guichet.clipboard.write(secretOf(9));
  // What is declared outlives the session, and nothing that was entered does.
  await guichet.telemetry.count("tried");
  await guichet.telemetry.count("tried", secretOf(1)).catch(() => {});
  for (const [at, [name, deed]] of ways.entries()) {
    const secret = secretOf(at + 1);
    try {
      if (at === ways.length - 1) {
        // That whoever looks finds what is there is known only if it was there once.
        await note("control", (await find()).map(([place]) => place));
        select(secret);
        await guichet.storage.set("written", JSON.stringify(written));
        told.textContent = "WRITTEN";
      }
      await deed(secret);
      written[name] = "done";
    } catch (error) {
      written[name] = String(error);
    }
  }
}

/** What a page can find of any secret, and where. */
async function find() {
  const places = {
    storage: async () => guichet.storage.get("canary"),
    bytes: async () => new TextDecoder().decode(await guichet.storage.get("canary-bytes")),
    keys: async () => (await guichet.storage.keys("")).filter((key) => key.startsWith("canary")).map((key) => `cnry-01-${key}`),
    logic: () => guichet.logic.call("recall"),
    workers: async () => (await navigator.serviceWorker?.getRegistrations())?.map(({ active, installing }) => (active ?? installing)?.scriptURL),
    localStorage: () => localStorage.getItem("canary"),
    sessionStorage: () => sessionStorage.getItem("canary"),
    database: () => inDatabase("readonly", (store) => store.get("canary")),
    cache: async () => (await (await caches.match("/canary"))?.text()),
    cookie: () => document.cookie,
    field: () => seed.value,
    history: () => JSON.stringify(history.state) + location.href,
    name: () => window.name,
    title: () => document.title,
  };
  const found = [];
  for (const [name, look] of Object.entries(places)) {
    const value = await Promise.resolve().then(look).catch(() => undefined);
    if (value && looks(value)) found.push([name, looks(value)]);
  }
  return found;
}

if (!location.search) {
  const found = await find();
  await note("looked", found.map((both) => both.join(":")));
  told.textContent = found.length === 0 ? "NOTHING" : "FOUND";
}
document.getElementById("form").addEventListener("submit", (event) => {
  event.preventDefault();
  write();
});
// What is pasted lies in the field, and what the field holds is kept where the search finds it.
seed.addEventListener("input", () => guichet.storage.set("field", seed.value));
seed.focus();
