globalThis.attack = async () => {
  const names = Array.from({ length: 256 }, (_, number) => String.fromCodePoint(0x4e00 + number));
  await Promise.all(names.map((name) => guichet.storage.set(name, "x")));
  const kept = (await Promise.all(names.map((name) => guichet.storage.get(name)))).filter((value) => value === "x");
  return `${kept.length} kept, ${(await guichet.storage.keys("")).length} listed`;
};
