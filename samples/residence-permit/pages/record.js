// One registered application: what was said, what has happened, and taking it back.

import "../common/icons.js";
import { day, moment, say } from "../common/words.js";

const part = (id) => document.getElementById(id);
const number = new URLSearchParams(location.search).get("number") ?? "";

const SHOWN = ["expires", "name", "id_number", "phone", "street", "door", "housing", "move_in", "proof", "proof_date", "hall"];
const CHOICES = new Set(["housing", "proof", "hall"]);
const DAYS = new Set(["expires", "move_in", "proof_date"]);

function text(name, value) {
  if (name === "id_number") return value.replace(/^(.{4}).*(.{4})$/, "$1••••••••••$2");
  if (CHOICES.has(name)) return say(`${name}.${value}`);
  return DAYS.has(name) ? day(value) : value;
}

function pair(tag, first, firstText, second, secondText) {
  const row = document.createElement(tag);
  row.append(Object.assign(document.createElement(first), { textContent: firstText }), Object.assign(document.createElement(second), { textContent: secondText }));
  return row;
}

function draw(application) {
  part("number").textContent = number;
  part("missing").hidden = application !== null;
  part("content").hidden = application === null;
  part("status").hidden = application === null;
  if (application === null) return;
  const isOpen = application.status === "registered";
  part("kind").textContent = say(`kind.${application.kind}`);
  part("status").textContent = say(`status.${application.status}`);
  part("status").classList.toggle("good", isOpen);
  part("withdrawn").hidden = isOpen;
  part("withdraw").hidden = !isOpen;
  part("withdraw-note").hidden = !isOpen;
  part("fields").replaceChildren(...SHOWN.filter((name) => application.fields[name]).map((name) => pair("div", "dt", say(`field.${name}`), "dd", text(name, application.fields[name]))));
  part("history").replaceChildren(...application.history.map(({ status, at_ms }) => pair("li", "b", say(`status.${status}`), "span", moment(at_ms))));
}

part("withdraw").addEventListener("click", async () => {
  draw(await guichet.logic.call("withdraw", { number }));
  part("restore").focus();
});
part("restore").addEventListener("click", async () => {
  draw(await guichet.logic.call("restore", { number }));
  part("withdraw").focus();
});

draw(await guichet.logic.call("application", { number }));
