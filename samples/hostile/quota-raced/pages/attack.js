globalThis.attack = async () => {
  const fill = "x".repeat(1 << 20);
  const own = Array.from({ length: 10 }, (_, each) => guichet.storage.set(`page ${each}`, fill));
  const [logic, ...mine] = await Promise.allSettled([guichet.logic.call("attack"), ...own]);
  const kept = logic.value + mine.filter(({ status }) => status === "fulfilled").length;
  const [why] = new Set(mine.filter(({ status }) => status === "rejected").map(({ reason }) => reason.name));
  return `${kept} MiB kept; then ${why}`;
};
