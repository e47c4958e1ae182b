// Each handler takes something without end; only the host's budget can end it.
export const spin = () => {
  for (;;);
};

// No loop of ours: one call into the engine that would take minutes.
export const search = () => "a".repeat(2e6).indexOf("a".repeat(2e4) + "b");

// Catches every refusal and asks again.
export const hoard = () => {
  const kept = [];
  for (;;) {
    try {
      kept.push(new Uint8Array(1 << 20).fill(1));
    } catch {
      kept.length = Math.max(0, kept.length - 1);
    }
  }
};

export const add = ({ a, b }) => a + b;
