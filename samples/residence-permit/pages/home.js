// The first page: start or go on, and what has been registered.

import { icon } from "../common/icons.js";
import { moment, say } from "../common/words.js";

const part = (id) => document.getElementById(id);

const notice = say("notice");
part("notice").textContent = notice;
part("notice").hidden = notice === "";

let discarded = null;

function draw({ kept, draft, applications }) {
  part("not-kept").hidden = kept;
  part("start").replaceChildren(say(draft ? "home.go_on" : "home.start"), icon("arrow"));
  part("restart").hidden = !draft;
  part("started").hidden = !draft;
  if (draft) {
    discarded = null;
    part("started").textContent = say("home.started", { step: draft.step, steps: draft.steps, time: moment(draft.saved_ms) });
  }
  part("discarded").hidden = discarded === null;
  part("none").hidden = applications.length > 0;
  part("applications").hidden = applications.length === 0;
  part("applications").replaceChildren(...applications.map(row));
}

function row({ number, kind, status, sent_ms }) {
  const item = document.createElement("li");
  const link = document.createElement("a");
  link.href = `record.html?number=${encodeURIComponent(number)}`;
  link.dataset.number = number;
  const arch = document.createElement("span");
  arch.className = "arch s";
  arch.append(icon("doc"));
  const said = document.createElement("span");
  said.className = "said";
  const title = document.createElement("b");
  title.textContent = say(`kind.${kind}`);
  const line = document.createElement("span");
  line.textContent = `${number} · ${moment(sent_ms)}`;
  said.append(title, line);
  const tag = document.createElement("span");
  tag.className = status === "registered" ? "tag good push" : "tag push";
  tag.textContent = say(`status.${status}`);
  link.append(arch, said, tag, icon("fwd"));
  item.append(link);
  return item;
}

part("restart").addEventListener("click", async () => {
  discarded = await guichet.logic.call("discardDraft");
  draw(await guichet.logic.call("overview"));
  part("undo").focus();
});

part("undo").addEventListener("click", async () => {
  await guichet.logic.call("keepDraft", discarded);
  draw(await guichet.logic.call("overview"));
  part("start").focus();
});

guichet.page.addEventListener("update", ({ detail }) => draw(detail.overview));
// The permission to keep things may have been changed in the host's menu meanwhile.
window.addEventListener("focus", async () => draw(await guichet.logic.call("overview")));
draw(await guichet.logic.call("overview"));
