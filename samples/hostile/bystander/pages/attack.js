// When it was answered, by the clock of this machine.
globalThis.answers = [];

const ask = async () => {
  for (;;) {
    if ((await guichet.logic.call("answer")) === "its own") answers.push(Date.now());
  }
};

// What it finds when it begins, and what it then keeps for others to look for.
const keep = async () => {
  const found = await stores.found();
  await stores.keep("its own");
  globalThis.kept = await stores.found();
  await guichet.log.write("info", `bystander found ${found.join(", ") || "nothing"} and kept ${kept.join(", ")}`);
};

if (location.search === "?close") {
  close();
} else {
  ask();
  keep();
}
