globalThis.attack = () => {
  for (let each = 0; each < 2e4; each += 1) addEventListener("resize", () => each);
  return "twenty thousand listen";
};
