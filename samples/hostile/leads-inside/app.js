export const ask = async (urls) => {
  const told = [];
  for (const url of urls) told.push(await fetch(url).then((answer) => String(answer.status), (error) => error.message.split(":")[0]));
  return told;
};
