globalThis.attack = async () => {
  const fill = "x".repeat(1 << 20);
  const asked = Array.from({ length: 40 }, (_, number) => guichet.storage.set(`page ${number}`, fill));
  const outcomes = await Promise.allSettled(asked);
  const kept = outcomes.filter(({ status }) => status === "fulfilled").length;
  const [why] = new Set(outcomes.filter(({ status }) => status === "rejected").map(({ reason }) => reason.name));
  return `${kept} of 40 kept; then ${why}`;
};
