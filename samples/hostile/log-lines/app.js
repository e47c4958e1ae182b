export const attack = () => {
  for (;;) console.log("again and again and again");
};
