export const attack = () => ({
  get answer() {
    for (;;);
  },
});
