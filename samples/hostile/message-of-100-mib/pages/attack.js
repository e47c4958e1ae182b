globalThis.attack = () => {
  const detail = "x".repeat(100 << 20);
  // Past the bridge, and through it.
  dispatchEvent(new CustomEvent("guichet-message", { detail }));
  return guichet.logic.call("attack", detail);
};
