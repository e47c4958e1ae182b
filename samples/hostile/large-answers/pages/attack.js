globalThis.attack = async () => {
  const fill = "x".repeat((1 << 20) - 8);
  await guichet.storage.set("key", fill);
  let came = 0;
  // On a machine that has much else to do the host may have too few ready at the first time.
  for (let turn = 0; turn < 10; turn += 1) {
    const answers = Array.from({ length: 256 }, () => guichet.storage.get("key").then((value) => value.length === fill.length));
    // Shorter than the patience that a page is met with.
    const until = Date.now() + 4000;
    while (Date.now() < until);
    came += (await Promise.all(answers)).filter(Boolean).length;
  }
  return `${came} came`;
};
