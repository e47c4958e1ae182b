// Comforts of the console. Every page works without: this moves by keys, copies a command, lays pictures over
// each other, and says when something changed.
"use strict";

const OFF = "guichet_keys_off";
const typing = (target) => target.closest?.("input, textarea, select, [contenteditable]");
const keysAreOff = () => localStorage.getItem(OFF) !== null;

const rows = [...document.querySelectorAll("[data-row]")];
let at = -1;

function move(by) {
  if (rows.length === 0) return;
  at = Math.min(Math.max(at + by, 0), rows.length - 1);
  rows[at].querySelector("a").focus();
}

document.addEventListener("focusin", (event) => {
  const row = event.target.closest?.("[data-row]");
  for (const other of rows) other.classList.toggle("at", other === row);
  if (row) at = rows.indexOf(row);
});

function press(key) {
  const scope = rows[at] ?? document;
  const wanted = scope.querySelector(`[data-key="${key}"]`) ?? document.querySelector(`[data-key="${key}"]`);
  if (!wanted) return false;
  wanted.closest("details")?.setAttribute("open", "");
  wanted.focus();
  wanted.scrollIntoView({ block: "nearest" });
  if (wanted.matches("button[data-press]")) wanted.click();
  return true;
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || keysAreOff()) return;
  if (event.key === "Escape" && typing(event.target)) return event.target.blur();
  if (typing(event.target)) return;
  if (event.key === "j" || event.key === "k") move(event.key === "j" ? 1 : -1);
  else if (!press(event.key)) return;
  event.preventDefault();
});

for (const toggle of document.querySelectorAll("[data-keys-toggle]")) {
  const say = () => {
    toggle.textContent = keysAreOff() ? toggle.dataset.on : toggle.dataset.off;
  };
  toggle.hidden = false;
  say();
  toggle.addEventListener("click", () => {
    if (keysAreOff()) localStorage.removeItem(OFF);
    else localStorage.setItem(OFF, "yes");
    say();
  });
}

for (const button of document.querySelectorAll("[data-copies]")) {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copies).textContent);
    button.querySelector("[data-label]").textContent = button.dataset.copied;
  });
}

for (const choice of document.querySelectorAll("select[data-fills]")) {
  choice.addEventListener("change", () => {
    const field = document.getElementById(choice.dataset.fills);
    if (choice.value && !field.value.includes(choice.value)) field.value = `${field.value} ${choice.value}`.trim();
    choice.selectedIndex = 0;
    field.focus();
  });
}

// Two pictures over each other; the field between them is moved with the mouse and the arrow keys alike.
for (const figure of document.querySelectorAll("[data-pair]")) {
  const [pair, slide] = [figure.querySelector(".pair"), figure.querySelector(".slide")];
  if (!pair || !slide) continue;
  const field = slide.querySelector("input");
  const move = () => pair.style.setProperty("--at", `${field.value}%`);
  pair.classList.add("over");
  slide.hidden = false;
  field.addEventListener("input", move);
  move();
}

for (const live of document.querySelectorAll("[data-live]")) {
  const isWriting = () => [...document.querySelectorAll("textarea, input[type=text], input:not([type])")].some((field) => field.value !== field.defaultValue);
  const look = async () => {
    if (document.hidden) return;
    const answer = await fetch(live.dataset.live, { credentials: "same-origin" }).catch(() => null);
    if (!answer?.ok) return;
    const { now } = await answer.json();
    if (now === live.dataset.now) return;
    if (isWriting()) live.hidden = false;
    else location.reload();
  };
  setInterval(look, 3000);
}
