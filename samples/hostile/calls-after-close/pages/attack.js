const late = async (why) => guichet.storage.set(`late ${why}`, "heard");

globalThis.attack = async () => {
  const found = (await guichet.storage.keys("late")).sort();
  // Whoever is not heard while it is open has not called.
  await late("control");
  if ((await guichet.storage.get("late control")) !== "heard") found.push("not even a call in time");
  await guichet.storage.remove("late control");
  for (const event of ["pagehide", "unload"]) addEventListener(event, () => late(event));
  return `found: ${found.join(", ") || "nothing"}`;
};
