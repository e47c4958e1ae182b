globalThis.attack = async () => {
  const questions = [];
  for (let each = 0; each < 1e5; each += 1) questions.push(guichet.logic.call("attack"));
  await Promise.all(questions.slice(0, 256));
  return "256 were answered";
};
