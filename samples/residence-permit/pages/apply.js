// The form: one step at a time, kept as it is typed. What is right and what is kept, the logic decides.

import { read, show, write } from "../common/form.js";
import { icon } from "../common/icons.js";
import { day, moment, say } from "../common/words.js";

const SAVE_AFTER_MS = 500;
const part = (id) => /** @type {any} */ (document.getElementById(id));
const form = part("form");
const problems = part("problems");
const steps = [...document.querySelectorAll("#steps li")];

const draft = await guichet.logic.call("draft");
let step = draft.step;
let edits = 0;
let timer;

/** Shows a step. `moved`: the person has asked for it, so its question takes the focus. */
async function go(to, moved) {
  step = to;
  show(form, problems, []);
  for (const section of form.querySelectorAll("section")) section.hidden = Number(section.dataset.step) !== step;
  for (const item of steps) {
    const number = Number(item.getAttribute("data-step"));
    item.classList.toggle("done", number < step);
    item.toggleAttribute("aria-current", number === step);
    if (number === step) item.setAttribute("aria-current", "step");
    item.querySelector("button").disabled = number >= step;
    item.querySelector(".no").replaceChildren(number < step ? icon("check") : String(number));
  }
  part("where").textContent = say("apply.where", { step, steps: steps.length });
  part("done").style.setProperty("width", `${(step / steps.length) * 100}%`);
  part("question").textContent = say(`question.${step}`);
  part("back").hidden = step === 1;
  part("next").hidden = step === steps.length;
  part("submit").hidden = step !== steps.length;
  if (step === steps.length) await drawSummary();
  if (!moved) return;
  part("scroll").scrollTop = 0;
  part("question").focus({ preventScroll: true });
}

function drawExpiry() {
  part("expires-field").hidden = !part("kind-renew").checked;
}

async function drawSummary() {
  const fields = await guichet.logic.call("summary", { fields: read(form) });
  const value = {
    kind: (kind) => say(`kind.${kind}`), housing: (housing) => say(`housing.${housing}`), proof: (proof) => say(`proof.${proof}`), hall: (hall) => say(`hall.${hall}`),
    expires: day, move_in: day, proof_date: day,
  };
  const parts = [["kind", "expires", "name", "id_number", "phone"], ["street", "door", "housing", "move_in"], ["proof", "proof_date", "hall"]];
  part("summary").replaceChildren(...parts.map((names, index) => {
    const section = document.createElement("section");
    section.className = "part";
    const header = document.createElement("header");
    const title = document.createElement("h2");
    title.className = "h3";
    title.textContent = say(`step.${index + 1}`);
    const change = document.createElement("button");
    change.type = "button";
    change.className = "btn sm quiet";
    change.dataset.change = String(index + 1);
    change.textContent = say("apply.change");
    change.setAttribute("aria-label", `${say("apply.change")} ${title.textContent}`);
    change.addEventListener("click", () => move(index + 1));
    header.append(title, change);
    const list = document.createElement("dl");
    // What a page shows of a person is kept out of a journal.
    list.dataset.personal = "";
    for (const name of names.filter((name) => fields[name])) {
      const row = document.createElement("div");
      const term = document.createElement("dt");
      term.textContent = say(`field.${name}`);
      const told = document.createElement("dd");
      told.textContent = (value[name] ?? String)(fields[name]);
      row.append(term, told);
      list.append(row);
    }
    section.append(header, list);
    return section;
  }));
}

function note(state, symbol, text) {
  const line = part("draft-note");
  line.dataset.saved = state;
  line.replaceChildren(...(symbol ? [icon(symbol)] : []), text);
}

/** Keeps the draft now; answers whether it is kept. What is typed meanwhile is kept by its own turn. */
async function keep() {
  clearTimeout(timer);
  const before = edits;
  try {
    const { saved_ms } = await guichet.logic.call("keepDraft", { step, fields: read(form) });
    if (edits === before) note("true", "check", say("apply.saved", { time: moment(saved_ms) }));
    return true;
  } catch {
    note("failed", "alert", say("apply.not_saved"));
    return false;
  }
}

function keepSoon() {
  edits += 1;
  note("false", null, say("apply.saving"));
  clearTimeout(timer);
  timer = setTimeout(keep, SAVE_AFTER_MS);
}

async function move(to) {
  await go(to, true);
  await keep();
}

async function next() {
  const found = await guichet.logic.call("check", { step, fields: read(form) });
  if (found.problems.length > 0) {
    await keep();
    return show(form, problems, found.problems);
  }
  await move(step + 1);
}

async function submit() {
  const answer = await guichet.logic.call("submit", { fields: read(form) });
  if (answer.number) {
    clearTimeout(timer);
    return guichet.navigation.redirect(`pages/receipt?number=${encodeURIComponent(answer.number)}`);
  }
  if (answer.step !== step) await go(answer.step, false);
  show(form, problems, answer.problems);
}

/** Does one thing at a time: a second press waits for the first. */
function once(button, run) {
  return async () => {
    if (button.disabled) return;
    button.disabled = true;
    try {
      await run();
    } catch {
      note("failed", "alert", say("apply.failed"));
    } finally {
      button.disabled = false;
    }
  };
}

const proceed = once(part("next"), next);
const register = once(part("submit"), submit);
form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (step === steps.length) register();
  else proceed();
});
part("back").addEventListener("click", once(part("back"), () => move(step - 1)));
part("save").addEventListener("click", once(part("save"), async () => {
  if (await keep()) await guichet.navigation.back();
}));
for (const item of steps) item.querySelector("button").addEventListener("click", () => move(Number(item.getAttribute("data-step"))));
form.addEventListener("input", () => { drawExpiry(); keepSoon(); });
form.addEventListener("change", keep);
page.addEventListener("pagehidden", () => { if (part("draft-note").dataset.saved === "false") keep(); });

write(form, draft.fields);
drawExpiry();
await go(step, false);
if (draft.saved_ms) note("true", "check", say("apply.saved", { time: moment(draft.saved_ms) }));
