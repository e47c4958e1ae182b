globalThis.attack = () => {
  for (;;);
};
