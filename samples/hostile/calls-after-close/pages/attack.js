const { storage } = guichet;

// It calls for as long as it lives, and once more as it goes.
const goOn = async () => {
  for (const event of ["pagehide", "unload"]) addEventListener(event, () => storage.set(`late ${event}`, "heard"));
  for (let call = 1; ; call += 1) {
    await storage.set("call", `${performance.timeOrigin} ${call}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

globalThis.attack = async () => {
  const found = await storage.keys("late");
  const before = await storage.get("call");
  await new Promise((resolve) => setTimeout(resolve, 1000));
  if ((await storage.get("call")) !== before) found.push("the page before");
  goOn();
  // Whoever is not heard while it is open has not called.
  const isHeard = async () => (await storage.get("call")) !== before;
  const deadline = performance.now() + 10_000;
  while (!(await isHeard()) && performance.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 20));
  if (!(await isHeard())) found.push("not even a call in time");
  return `found: ${found.join(", ") || "nothing"}`;
};
