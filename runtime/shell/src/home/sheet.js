// The details of one service, over the home page: what it is, what it may do, erasing what it keeps, and removing it.

import { arch, button, draw, h, icon } from "./dom.js";
import { facts, identity, permissionList } from "./frame.js";
import { installButton } from "./hall.js";

const sheet = document.getElementById("sheet");

/** Shows, redraws or closes the sheet. `confirming`: “erase” or “remove”, if the person has pressed that once. */
export function drawSheet(state, appId, confirming, t) {
  const listing = appId && state.library?.find(({ app_id: id }) => id === appId);
  if (!listing) {
    if (sheet.open) sheet.close();
    return;
  }
  draw(sheet, [state.lang, listing, state.progress[appId], confirming], () => content(listing, state, confirming, t));
  if (!sheet.open) sheet.showModal();
}

function content(listing, state, confirming, t) {
  const target = { "data-app-id": listing.app_id };
  return [
    h("header", { class: "row" }, arch(listing, "m"),
      h("div", {}, h("h2", { id: "sheet-title", class: "h3" }, listing.name),
        h("p", { class: "small soft row verified" }, icon("shield"), `${listing.department_name} · ${t.verified((listing.installed ?? listing.available)?.version_name ?? "")}`)),
      button("sheet-close", { class: "cbtn push", "aria-label": t.sheetClose }, icon("close"))),
    h("section", {},
      listing.description ? h("p", { class: "lead" }, listing.description) : null,
      facts(listing, t),
      h("div", { class: "stack" }, h("h3", {}, t.permissions), permissionList(listing, t)),
      identity(listing, t)),
    confirming ? question(confirming, listing, target, t) : acts(listing, state, target, t),
  ];
}

function acts(listing, state, target, t) {
  return h("div", { class: "foot row wrap" },
    listing.installed
      ? [button("open", { class: "btn main", ...target }, t.open),
         listing.staged ? button("update-now", { class: "btn", ...target }, t.updateNow) : null,
         button("erase", { class: "btn push", ...target }, t.erase),
         button("remove", { class: "btn stop-line", ...target }, t.remove)]
      : [installButton(listing, state, t, "main")]);
}

/** What cannot be undone is asked first; the way out has the focus. */
function question(what, listing, target, t) {
  const [title, text, yes] = {
    erase: [t.eraseQuestion(listing.name), t.eraseText, t.eraseConfirm],
    remove: [t.removeQuestion(listing.name), t.removeText, t.removeConfirm],
  }[what];
  return h("div", { class: "foot removal", role: "alert" },
    h("div", {}, h("b", {}, title), h("p", { class: "muted" }, text)),
    h("div", { class: "row wrap" },
      button("keep", { class: "btn", autofocus: true }, t.keep),
      button(`${what}-confirm`, { class: "btn stop-line", ...target }, yes)));
}
