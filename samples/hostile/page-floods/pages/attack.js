globalThis.attack = async () => {
  for (let turn = 0; turn < 100; turn += 1) {
    for (let each = 0; each < 1000; each += 1) guichet.log.write("debug", "again");
    for (let each = 0; each < 1000; each += 1) dispatchEvent(new CustomEvent("guichet-message", { detail: "again" }));
    await new Promise((resolve) => setTimeout(resolve));
  }
  return "it went on, and most was dropped";
};
