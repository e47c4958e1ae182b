// The one page: what is printed, and what became of it.

import { say } from "../common/words.js";

const OFTEN_MS = 500;
const part = (id) => /** @type {any} */ (document.getElementById(id));
const form = part("form");
let job;

function tell(text, kind = "") {
  part("told").textContent = text;
  part("told").className = `note ${kind}`;
  part("told").hidden = text === "";
  part("tools").hidden = text === "";
  part("tool-told").textContent = "";
}

/** The words for the class of a failure. */
function failed(failure) {
  const known = say(`failure.${failure}`);
  tell(known === `failure.${failure}` ? say("failure.other") : known, "bad");
}

function busy(isBusy) {
  part("print").hidden = isBusy;
  part("cancel").hidden = !isBusy;
}

/** Nothing more is heard of the job; another one can be begun. */
function giveUp(text, kind) {
  job = undefined;
  busy(false);
  tell(text, kind);
}

async function follow() {
  if (job === undefined) return;
  const asked = job;
  const { progress, condition, failure } = await guichet.logic.call("follow", { job });
  if (job !== asked) return;
  if (failure === "print/unknown-job") {
    // A printer that was off in between has forgotten it.
    giveUp(say("progress.failed"), "bad");
    return;
  }
  if (failure) {
    failed(failure);
  } else {
    const why = progress === "stopped" ? say(`condition.${condition}`) : "";
    tell([say(`progress.${progress}`), why].filter(Boolean).join(" "), { done: "good", stopped: "warn", failed: "bad" }[progress]);
    document.body.dataset.progress = progress;
    if (["done", "failed", "cancelled"].includes(progress)) {
      job = undefined;
      busy(false);
      return;
    }
  }
  setTimeout(follow, OFTEN_MS);
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (job !== undefined) return;
  busy(true);
  tell("");
  const { kind, name, copies } = Object.fromEntries(new FormData(form));
  const words = Object.fromEntries(["residence", "household", "line", "made", "end"].map((key) => [key, say(`paper.${key}`, { name: "{name}", time: "{time}" })]));
  const answer = await guichet.logic.call("print", { kind, name, copies: Number(copies), words });
  const isBad = answer.problems?.includes("name") ?? false;
  part("name").setAttribute("aria-invalid", String(isBad));
  part("name").closest(".field").classList.toggle("bad", isBad);
  part("name-problem").hidden = !isBad;
  part("name-problem").textContent = isBad ? say("problem.name") : "";
  if (isBad) part("name").focus();
  if (answer.failure) failed(answer.failure);
  if (answer.job === undefined) {
    busy(false);
    return;
  }
  job = answer.job;
  follow();
});

part("card").addEventListener("click", async () => {
  part("card").disabled = true;
  tell(say("home.put_card"));
  const { name, failure } = await guichet.logic.call("readCard", {});
  part("card").disabled = false;
  if (failure) {
    failed(failure);
  } else {
    part("name").value = name;
    tell(say("home.read_card"), "good");
  }
});

part("cancel").addEventListener("click", async () => {
  if (job === undefined) return;
  const asked = job;
  const { failure } = await guichet.logic.call("cancel", { job });
  // Whoever is told by `follow` that it was taken back needs no more; nobody has to wait for a printer that says nothing.
  if (failure && job === asked) giveUp(say("progress.not_taken_back"), "warn");
});

// Heard only where there is a voice for it; nobody misses a button that would do nothing.
guichet.speech.languages().then((languages) => {
  part("hear").hidden = !languages.includes(guichet.lang.split("-")[0]);
}, () => {});

part("hear").addEventListener("click", async () => {
  try {
    await guichet.speech.stop();
    const number = await guichet.speech.say(part("told").textContent, guichet.lang, 80);
    part("tool-told").textContent = say("tools.hearing");
    part("tool-told").textContent = say(`tools.${await guichet.speech.waitFor(number)}`);
  } catch {
    part("tool-told").textContent = say("tools.failed");
  }
});

part("copy").addEventListener("click", async () => {
  try {
    await guichet.clipboard.write(part("told").textContent);
    part("tool-told").textContent = say("tools.copied");
  } catch {
    part("tool-told").textContent = say("tools.not_copied");
  }
});

// A page is a PDF for the printer; one for receipts prints none.
guichet.print.printers().then((printers) => {
  part("sheet").hidden = !printers.some(({ takes }) => takes.includes("pdf"));
}, () => {});

part("sheet").addEventListener("click", async () => {
  try {
    await guichet.print.submit({ document: { paper: "a4" } });
    part("tool-told").textContent = say("tools.sheet_printing");
  } catch (failure) {
    part("tool-told").textContent = say(failure.class === "print/busy" ? "failure.print/busy" : "tools.no_sheet");
  }
});
