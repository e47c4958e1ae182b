// Keeps what stands in the fields, and what was heard of keys: what a test reads in the terminal's memory.

const ids = ["name", "phone", "card", "own"];
let done = 0;
let fake = "";

async function keep() {
  const values = ids.map((id) => document.getElementById(id).value);
  await guichet.storage.set("fields", `typed:[${[...values, fake, done, innerWidth].join("|")}]`);
}

addEventListener("input", keep);
addEventListener("resize", keep);
addEventListener("keydown", ({ key, target }) => {
  if (target.id === "fake") fake += key;
  if (key === "Enter") done += 1;
  keep();
});
// A page that wants the terminal's keys, or to send them elsewhere.
const forged = JSON.stringify({ field: "latin" });
window.ipc?.postMessage(forged);
window.webkit?.messageHandlers?.ipc?.postMessage(forged);
dispatchEvent(new CustomEvent("guichet-message", { detail: forged }));
await keep();
