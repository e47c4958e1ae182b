const fill = "x".repeat(1 << 20);
export const attack = async () => {
  let kept = 0;
  for (let each = 0; each < 10; each += 1) kept += await guichet.storage.set(`logic ${each}`, fill).then(() => 1, () => 0);
  return kept;
};
