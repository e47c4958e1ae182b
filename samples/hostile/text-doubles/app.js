export const attack = () => {
  let text = "x".repeat(1024);
  for (;;) text = `${text}${text}`.replace("x", "y");
};
