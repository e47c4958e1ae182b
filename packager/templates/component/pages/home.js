import { lang, say } from "../common/words.js";

const form = document.querySelector("form");
const answer = document.getElementById("answer");
const other = document.getElementById("other");

document.title = say("manifest.name");

/** The logic names a problem by its words, such as "problem.days". */
function mark(problem) {
  let marked = false;
  for (const field of form.querySelectorAll("[data-field]")) {
    const wrong = problem === `problem.${field.getAttribute("data-field")}`;
    const text = field.querySelector(".problem");
    field.classList.toggle("bad", wrong);
    text.toggleAttribute("hidden", !wrong);
    text.textContent = wrong ? say(problem) : "";
    if (wrong) field.querySelector("input").focus();
    marked ||= wrong;
  }
  other.hidden = problem === null || marked;
  other.textContent = say("problem.other");
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const days = form.days.value.trim();
  try {
    const { ready, total, weekend } = await guichet.logic.call("ready", {
      from: form.from.value,
      days: /^\d{1,4}$/.test(days) ? Number(days) : 0,
    });
    const day = new Date(`${ready}T00:00:00`);
    document.getElementById("ready").textContent =
      day.toLocaleDateString(lang, { year: "numeric", month: "long", day: "numeric", weekday: "long" });
    document.getElementById("through").textContent =
      say("home.through").replace("{days}", total).replace("{weekend}", weekend);
    answer.hidden = false;
    mark(null);
  } catch (error) {
    answer.hidden = true;
    mark(error.message);
  }
});

const today = new Date();
form.from.value =
  [today.getFullYear(), today.getMonth() + 1, today.getDate()].map((part) => String(part).padStart(2, "0")).join("-");
