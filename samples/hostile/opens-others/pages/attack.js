globalThis.attack = async () => {
  for (let turn = 0; turn < 100; turn += 1) {
    for (let each = 0; each < 10; each += 1) {
      const link = document.createElement("a");
      link.href = `guichet://miniapp/gov.example.nowhere.n${turn}x${each}`;
      link.click();
    }
    await new Promise((resolve) => setTimeout(resolve));
  }
  return "it is still here";
};
