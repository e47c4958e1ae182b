import { say } from "../common/words.js";

const form = document.querySelector("form");
const wrong = document.getElementById("wrong");
const saved = document.getElementById("saved");

document.title = say("report.title");

function fields() {
  return { kind: form.kind.value, place: form.place.value, note: form.note.value };
}

function mark(problems) {
  for (const field of form.querySelectorAll("[data-field]")) {
    const key = problems[field.getAttribute("data-field")];
    const problem = field.querySelector(".problem");
    field.classList.toggle("bad", key !== undefined);
    problem.toggleAttribute("hidden", key === undefined);
    problem.textContent = key === undefined ? "" : say(key);
  }
}

function complain(key) {
  wrong.textContent = say(key);
  wrong.hidden = false;
  wrong.focus();
}

form.addEventListener("input", async () => {
  await guichet.logic.call("keep_draft", fields());
  saved.hidden = false;
});

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  try {
    const answer = await guichet.logic.call("send", fields());
    mark(answer.problems ?? {});
    if (answer.problems) {
      complain("report.wrong");
    } else {
      await guichet.navigation.back();
    }
  } catch (error) {
    guichet.log.write("error", String(error));
    complain("report.not_kept");
  }
});

document.getElementById("back").addEventListener("click", () => guichet.navigation.back());

const draft = await guichet.logic.call("draft", null);
if (draft) {
  form.kind.value = draft.kind;
  form.place.value = draft.place;
  form.note.value = draft.note;
}
