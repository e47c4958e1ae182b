// Fields of a form in and out, and what is not right with them: a summary that links, a sentence at each field.

import { icon } from "./icons.js";
import { day, say } from "./words.js";

const key = (control) => control.name.replaceAll("-", "_");

/** What the person has entered, by name; a checkbox is true or false. */
export function read(form) {
  const fields = {};
  for (const control of form.elements) {
    if (!control.name) continue;
    if (control.type === "checkbox") fields[key(control)] = control.checked;
    else if (control.type !== "radio") fields[key(control)] = control.value;
    else if (control.checked) fields[key(control)] = control.value;
  }
  return fields;
}

/** Puts what was kept back into the form. */
export function write(form, fields) {
  for (const control of form.elements) {
    const value = control.name ? fields[key(control)] : undefined;
    if (value === undefined) continue;
    if (control.type === "checkbox") control.checked = value === true;
    else if (control.type === "radio") control.checked = control.value === value;
    else control.value = value;
  }
}

/** The sentence for a problem. */
export function sentence(problem) {
  return say(`problem.${problem.problem}`, { day: problem.day ? day(problem.day) : "" });
}

/** Shows the problems, or takes them away, and moves focus to the summary if there are any. */
export function show(form, summary, problems) {
  for (const field of form.querySelectorAll(".field.bad")) {
    field.classList.remove("bad");
    field.querySelector(".err")?.remove();
    for (const control of field.querySelectorAll("[aria-invalid]")) {
      control.removeAttribute("aria-invalid");
      describe(control);
    }
  }
  summary.hidden = problems.length === 0;
  summary.replaceChildren();
  if (problems.length === 0) return;

  const list = document.createElement("ul");
  for (const problem of problems) {
    const field = form.querySelector(`[data-field="${problem.field}"]`);
    if (!field) continue;
    mark(field, problem);
    const link = document.createElement("a");
    const control = field.querySelector("input, select");
    link.href = `#${control.id}`;
    link.textContent = sentence(problem);
    link.addEventListener("click", (event) => {
      event.preventDefault();
      field.scrollIntoView({ block: "center" });
      control.focus({ preventScroll: true });
    });
    const item = document.createElement("li");
    item.append(link);
    list.append(item);
  }
  const title = document.createElement("h2");
  title.className = "h3";
  title.append(icon("alert"), say(problems.length === 1 ? "apply.problem" : "apply.problems", { count: problems.length }));
  summary.append(title, list);
  summary.focus();
  summary.scrollIntoView({ block: "nearest" });
}

function mark(field, problem) {
  field.classList.add("bad");
  const error = document.createElement("p");
  error.className = "err";
  error.id = `${problem.field}-error`;
  error.append(icon("alert"), sentence(problem));
  const hint = field.querySelector(".hint");
  const label = field.querySelector("label, legend");
  (hint ?? label).after(error);
  for (const control of field.querySelectorAll("input, select")) {
    control.setAttribute("aria-invalid", "true");
    describe(control, error.id);
  }
}

/** A control is described by its hint, and by its error while there is one. */
function describe(control, error) {
  const hint = control.closest(".field").querySelector(".hint");
  const ids = [hint?.id, error].filter(Boolean);
  if (ids.length > 0) control.setAttribute("aria-describedby", ids.join(" "));
  else control.removeAttribute("aria-describedby");
}
