globalThis.attack = async () => {
  const fill = "x".repeat((1 << 20) - 8);
  await guichet.storage.set("key", fill);
  const answers = Array.from({ length: 256 }, () => guichet.storage.get("key").then((value) => value.length === fill.length));
  // Shorter than the patience that a page is met with.
  const until = Date.now() + 4500;
  while (Date.now() < until);
  const came = (await Promise.all(answers)).filter(Boolean).length;
  return `${came} of 256 came`;
};
