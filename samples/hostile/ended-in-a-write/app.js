export const attack = () => {
  for (;;);
};
