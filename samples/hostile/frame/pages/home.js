// `run()` tries the attack, and writes down what it was told.
const show = (text) => {
  document.querySelector("#answer").textContent = text;
};

globalThis.run = () => {
  show("");
  Promise.resolve()
    .then(() => attack())
    .then(show, (error) => show(`${error.name}: ${error.message}`));
};
