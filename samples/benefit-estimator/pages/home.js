// The form on one side, the estimate on the other. The reckoning is the logic's.

import { draw, rows } from "../common/chart.js";
import { icon } from "../common/icons.js";
import { say, yuan } from "../common/words.js";

const part = (id) => /** @type {any} */ (document.getElementById(id));
const form = part("form");
const EMPTY = { area: "urban", adults: "2", elders: "0", babies: "0", children: "0", disabled: "0", income: "", rent: "", savings: "" };

let estimate = null;
let asked = 0;

function read() {
  return Object.fromEntries(new FormData(form));
}

function write(fields) {
  for (const [name, value] of Object.entries(fields)) {
    const control = form.elements.namedItem(name);
    if (control) control.value = value;
  }
}

/** Asks the logic; an answer that was overtaken by a newer question is dropped. */
async function reckon({ moved }) {
  const turn = (asked += 1);
  const answer = await guichet.logic.call("estimate", read());
  if (turn !== asked) return;
  showProblems(answer.problems ?? [], moved);
  if (answer.problems) return;
  estimate = answer;
  show();
  if (!moved) return;
  part("result").focus({ preventScroll: true });
  part("result-title").scrollIntoView({ block: "nearest" });
}

function show() {
  part("blank").hidden = estimate !== null;
  part("answer").hidden = estimate === null;
  if (estimate === null) return;
  const { total, year, lines, basis, curve } = estimate;
  part("result-title").textContent = say(total > 0 ? "result.title" : "result.title_nothing");
  part("total").textContent = total > 0 ? say("result.total", { total: yuan(total) }) : say("result.nothing");
  part("year").textContent = total > 0 ? say("result.year", { year: yuan(year) }) : say("result.nothing_note");
  part("savings-note").hidden = !basis.saves_too_much;
  part("savings-note").querySelector("p").textContent = say("result.savings", { most: yuan(basis.savings_most) });
  part("lines").tBodies[0].replaceChildren(...lines.map((line) => lineRow(line, basis)));
  part("sum").textContent = yuan(total);
  draw(part("chart"), estimate, Math.max(300, Math.round(part("chart").getBoundingClientRect().width) || 560));
  for (const [index, item] of [...part("legend").children].entries()) {
    item.hidden = curve.every((point) => [point.allowance + point.supplement, point.rent, point.childcare][index] === 0);
  }
  part("figures").tBodies[0].replaceChildren(...rows(curve).map(([income, ...paid]) => {
    const row = document.createElement("tr");
    const head = Object.assign(document.createElement("th"), { scope: "row", textContent: yuan(income) });
    row.append(head, ...paid.map((amount) => Object.assign(document.createElement("td"), { className: "figure", textContent: yuan(amount) })));
    return row;
  }));
}

function lineRow({ kind, month, ends_at }, basis) {
  const row = document.createElement("tr");
  row.dataset.kind = kind;
  row.classList.toggle("none", month === 0);
  const head = Object.assign(document.createElement("th"), { scope: "row" });
  const values = {
    standard: yuan(basis.standard), counted: yuan(basis.counted), deducted: yuan(basis.deducted), percent: basis.percent,
    rent: yuan(basis.recognized_rent), rent_percent: basis.rent_percent, ends_at: yuan(ends_at ?? 0),
  };
  const why = month > 0 ? "why" : ends_at !== null && !basis.saves_too_much ? "above" : "not";
  head.append(Object.assign(document.createElement("b"), { textContent: say(`kind.${kind}`) }), Object.assign(document.createElement("span"), { textContent: say(`${why}.${kind}`, values) }));
  row.append(head, Object.assign(document.createElement("td"), { className: "figure", textContent: yuan(month) }));
  return row;
}

function showProblems(problems, moved) {
  for (const field of form.querySelectorAll(".field.bad")) {
    field.classList.remove("bad");
    field.querySelector(".err")?.remove();
    for (const control of field.querySelectorAll("input")) {
      control.removeAttribute("aria-invalid");
      describe(control);
    }
  }
  const summary = part("problems");
  summary.hidden = problems.length === 0;
  const list = document.createElement("ul");
  for (const { field: name, problem } of problems) {
    const field = form.querySelector(`[data-field="${name}"]`);
    const control = field.querySelector("input");
    field.classList.add("bad");
    const error = Object.assign(document.createElement("p"), { className: "err", id: `${name}-error` });
    error.append(icon("alert"), say(`problem.${problem}`));
    (field.querySelector(".hint") ?? field.querySelector("label, legend")).after(error);
    control.setAttribute("aria-invalid", "true");
    describe(control, error.id);
    const link = Object.assign(document.createElement("a"), { href: `#${control.id}`, textContent: say("problem.at", { field: say(`field.${name}`), problem: say(`problem.${problem}`) }) });
    link.addEventListener("click", (event) => {
      event.preventDefault();
      control.focus();
    });
    const item = document.createElement("li");
    item.append(link);
    list.append(item);
  }
  const title = Object.assign(document.createElement("h2"), { className: "h3" });
  title.append(icon("alert"), say(problems.length === 1 ? "problem.one" : "problem.more", { count: problems.length }));
  summary.replaceChildren(title, list);
  if (problems.length > 0 && moved) summary.focus();
}

/** A control is described by its hint, and by its error while there is one. */
function describe(control, error) {
  const hint = control.closest(".field").querySelector(".hint");
  const ids = [hint?.id, error].filter(Boolean);
  if (ids.length > 0) control.setAttribute("aria-describedby", ids.join(" "));
  else control.removeAttribute("aria-describedby");
}

for (const control of form.querySelectorAll(".stepper button")) {
  const input = control.parentElement.querySelector("input");
  const step = Number(control.dataset.step);
  control.setAttribute("aria-label", say(step < 0 ? "home.less" : "home.more", { field: say(`field.${input.name}`) }));
  control.addEventListener("click", () => {
    input.value = String(Math.min(12, Math.max(0, (Number.parseInt(input.value, 10) || 0) + step)));
    input.dispatchEvent(new Event("change", { bubbles: true }));
  });
  input.addEventListener("keydown", (event) => {
    if (event.key !== (step < 0 ? "ArrowDown" : "ArrowUp")) return;
    event.preventDefault();
    control.click();
  });
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  reckon({ moved: true });
});
form.addEventListener("change", () => { if (estimate) reckon({ moved: false }); });
part("clear").addEventListener("click", async () => {
  write(EMPTY);
  estimate = null;
  asked += 1;
  showProblems([], false);
  show();
  await guichet.logic.call("forget").catch(() => {});
  part("kept").textContent = say("home.cleared");
});
window.addEventListener("resize", show);

const remembered = await guichet.logic.call("remembered");
if (remembered) {
  write(remembered);
  part("kept").textContent = say("home.remembered");
  await reckon({ moved: false });
}
form.dataset.ready = "true";
