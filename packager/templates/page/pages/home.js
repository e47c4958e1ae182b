import { day, fill, say } from "../common/words.js";

const list = document.getElementById("reports");
const none = document.getElementById("none");
const undo = document.getElementById("undo");
const row = document.querySelector("template");
let withdrawn = null;

document.title = say("manifest.name");

function draw(reports) {
  none.hidden = reports.length > 0;
  list.replaceChildren(...reports.map(draw_report));
}

function draw_report(report) {
  const item = document.importNode(row.content, true);
  fill(item);
  item.querySelector(".kind").textContent = say(`kind.${report.kind}`);
  item.querySelector(".place").textContent = report.place;
  item.querySelector(".note").textContent = report.note;
  item.querySelector(".day").textContent = day(report.at);
  item.querySelector(".withdraw").addEventListener("click", async () => {
    withdrawn = await guichet.logic.call("withdraw", { number: report.number });
    undo.hidden = withdrawn === null;
  });
  return item;
}

undo.querySelector("button").addEventListener("click", async () => {
  await guichet.logic.call("put_back", withdrawn);
  undo.hidden = true;
});

// The logic tells every page what has changed.
guichet.page.addEventListener("update", () => draw(guichet.page.state.reports ?? []));

draw(await guichet.logic.call("reports", null));
