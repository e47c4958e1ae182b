// The page: one's own number, and which are called.

import { say } from "../common/words.js";
import { draw, follow } from "../common/board.js";

const part = (id) => /** @type {any} */ (document.getElementById(id));

function show() {
  const { told, quiet, mine } = guichet.page.state;
  draw(guichet.page.state, part("windows"), part("none"));
  const text = told ?? (mine ? say("home.watching", { number: mine }) : "");
  part("mine-told").textContent = quiet ? `${text} ${say("home.look_here")}` : text;
  part("mine-told").hidden = text === "";
}

part("form").addEventListener("submit", async (event) => {
  event.preventDefault();
  const number = part("mine").value.trim().toUpperCase();
  const isBad = !/^[A-Z]\d{3}$/.test(number);
  part("mine").setAttribute("aria-invalid", String(isBad));
  part("mine").closest(".field").classList.toggle("bad", isBad);
  part("mine-problem").hidden = !isBad;
  part("mine-problem").textContent = isBad ? say("home.problem") : "";
  if (isBad) {
    part("mine").focus();
    return;
  }
  const texts = Object.fromEntries(["near", "called"].map((key) => [key, say(`told.${key}`, { number: "{number}", before: "{before}", window: "{window}" })]));
  await guichet.logic.call("watch", { number, texts });
});

guichet.page.addEventListener("update", show);
show();
follow(part("told"));
