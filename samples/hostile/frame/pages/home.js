// `run()` tries the attack, and writes down what it was told.
const show = (text) => {
  document.querySelector("#answer").textContent = text;
};

globalThis.run = () => {
  show("");
  // Whatever it is that it tries, it also tries to tell somebody.
  for (const sink of sinks) {
    fetch(`${sink}/fetch`, { mode: "no-cors" }).catch(() => {});
    new Image().src = `${sink}/image`;
    document.head.append(Object.assign(document.createElement("link"), { rel: "dns-prefetch", href: sink }));
  }
  Promise.resolve()
    .then(() => attack())
    .then(show, (error) => show(`${error.name}: ${error.message}`));
};
