// What lasts. In a plain browser (`npm run dev`) there is no host, and everything is gone with the page.
const memory = new Map();
const host = typeof guichet === "undefined" ? undefined : guichet.storage;

/** The value under a key, or what is given instead. */
export const read = async (key, otherwise) => {
  const text = host ? await host.get(key) : memory.get(key);
  return text === undefined || text === null ? otherwise : JSON.parse(text);
};

/** Keeps a value under a key. */
export const keep = async (key, value) => {
  const text = JSON.stringify(value);
  if (host) await host.set(key, text);
  else memory.set(key, text);
};

/** The number of a report, from the logic. */
export const numberFor = (street) =>
  host ? guichet.logic.call("number", { street }) : Promise.resolve(`${Date.now()}`);
