globalThis.attack = async () => {
  const found = (await guichet.storage.keys("")).map((key) => `its ${key}`);
  await guichet.storage.set("record", "left behind");
  return `found: ${found.join(", ") || "nothing"}`;
};
