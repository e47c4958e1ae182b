const keys = ["../../escape", "..%2f..%2fescape", "%2e%2e/escape", "/tmp/guichet-escape", "C:\\escape", "a\0b", "\u00e9", "e\u0301", "con", "__proto__"];

export const attack = async () => {
  for (const [number, key] of keys.entries()) await guichet.storage.set(key, String(number));
  let right = 0;
  for (const [number, key] of keys.entries()) if ((await guichet.storage.get(key)) === String(number)) right += 1;
  const long = await guichet.storage.set("k".repeat(64 << 10), "x").catch((error) => error.name);
  return `${right} of ${(await guichet.storage.keys("")).length} kept apart; too long: ${long}`;
};
