export const attack = () => {
  const kept = [];
  for (;;) {
    try {
      kept.push(new Uint8Array(1 << 20).fill(1));
    } catch {
      kept.length = Math.max(0, kept.length - 1);
    }
  }
};
