let rounds = 0;
const again = () => {
  rounds += 1;
  setTimeout(again, 0);
};

export const attack = async () => {
  for (let timer = 0; timer < 200; timer += 1) again();
  while (rounds < 5000) await new Promise((resolve) => setTimeout(resolve, 50));
  return "it went on by itself";
};
