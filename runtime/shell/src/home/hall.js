// The home page: search, the arcade of added services, and what can be added.

import { arch, button, draw, h, icon } from "./dom.js";
import { failureKind, moment, size } from "./text.js";

/** The sign of each life event; a glaze stands for one. */
export const EVENT_SYMBOLS = { celadon: "house", indigo: "grad", ochre: "work", persimmon: "heart", rose: "family", plum: "coin", moss: "sprout", slate: "bus" };

const byId = (id) => document.getElementById(id);

/** Draws the whole home page from the state and the words being searched for. */
export function drawHome(state, query, t) {
  draw(byId("top"), [state.lang, state.elder, state.contrast], () => top(state, t));
  byId("question").textContent = t.question;
  byId("search-label").textContent = t.searchLabel;
  byId("search").placeholder = t.searchExample;
  byId("search-go").textContent = t.search;
  byId("scan").hidden = !state.may_scan;
  byId("scan-label").textContent = t.scan;
  const last = state.last && state.library?.find((listing) => listing.app_id === state.last.app_id && listing.installed);
  draw(byId("last"), [state.lang, state.last, last], () => (last ? lastCard(last, state, t) : null));
  drawNotices(byId("notices"), state, state.notices, t);
  draw(byId("main"), [state.lang, state.elder, state.library, state.progress, state.background, query], () => body(state, query, t));
}

function top(state, t) {
  const knob = (action, name, label, attributes) =>
    button(action, { class: "cbtn", "aria-label": label, ...attributes }, icon(name), h("span", { class: "t" }, label));
  return [
    h("span", { class: "row brand" }, icon("mark"), h("b", {}, "Guichet"), h("span", { class: "sub" }, t.tagline)),
    h("nav", { class: "row push knobs", "aria-label": t.displayLabel },
      knob("set-mode", "elder", state.elder ? t.elderOff : t.elderOn),
      knob("set-contrast", "contrast", state.contrast ? t.contrastOff : t.contrastOn),
      knob("set-language", "globe", t.otherLanguage, { lang: state.lang === "en" ? "zh-Hans" : "en" })),
  ];
}

function lastCard(listing, state, t) {
  return h("aside", { class: "go-on", "aria-label": t.lastLabel },
    h("div", { class: "row" },
      h("div", {}, h("p", { class: "small soft" }, t.last), h("b", {}, listing.name)),
      h("span", { class: "push foot-line" }, arch(listing, "s"))),
    h("div", { class: "row small" },
      h("span", { class: "soft" }, moment(state.last.opened_ms, state.lang)),
      button("open", { class: "go push", "data-app-id": listing.app_id }, t.goOn, icon("arrow"))));
}

/** The band of notices under the hall, or hanging from the bar of an open app. */
export function drawNotices(container, state, notices, t, { inApp = false } = {}) {
  // Names come in another language a moment after the words do.
  const names = state.library?.map(({ name, department_name: department }) => [name, department]);
  const inputs = [state.lang, names, notices, state.offline, state.error, inApp];
  draw(container, inputs, () => {
    const lines = notices.map((notice) => noticeLine(notice, state, t)).filter(Boolean);
    if (state.offline) lines.unshift(offlineLine(state, t, inApp));
    if (state.error) lines.unshift(errorLine(state.error, state, t));
    return lines;
  });
  container.hidden = container.childElementCount === 0;
}

function line(kind, tone, symbol, title, text, ...acts) {
  return h("div", { class: `in update ${tone}`, "data-notice": kind },
    h("span", { class: "sign" }, icon(symbol)),
    h("p", {}, h("b", {}, title), " ", text ? h("span", { class: "muted" }, text) : null),
    h("span", { class: "row acts" }, acts));
}

/** Somebody else's words below ours: said whose they are, and set apart as a quotation. */
function reasoned(row, whose, reason) {
  if (reason) row.append(h("blockquote", { class: "why" }, h("p", { class: "small muted" }, whose), h("p", { dir: "auto" }, reason)));
  return row;
}

function noticeLine(notice, state, t) {
  const listing = state.library?.find(({ app_id: id }) => id === notice.app_id);
  const name = notice.name ?? listing?.name ?? state.app?.name ?? "";
  const target = { "data-app-id": notice.app_id };
  const dismiss = button("dismiss", { class: "btn sm quiet", "data-id": notice.id }, t.dismiss);
  switch (notice.kind) {
    case "update":
      return line("update", "good", "refresh", t.update(name, notice.version_name), t.updateText,
        button("update-later", { class: "btn sm", ...target }, t.updateLater),
        button("update-now", { class: "btn sm", ...target }, t.updateNow));
    case "revert":
      return line("revert", "warn", "undo", t.revert(name, notice.version_name), t.updateText,
        button("update-later", { class: "btn sm", ...target }, t.updateLater),
        button("update-now", { class: "btn sm", ...target }, t.updateNow));
    case "reverted":
      return line("reverted", "good", "undo", t.reverted(name, notice.version_name), t.updatedText, dismiss);
    case "gone-back":
      return line("gone-back", "good", "undo", t.reverted(name, notice.version_name), t.goneBackText, dismiss);
    case "halted":
      return reasoned(line("halted", "warn", "clock", t.halted(name), t.haltedText), t.haltedReason, notice.reason);
    case "recalled":
      return reasoned(line("recalled", "bad", "alert", t.recalled(name), t.recalledText),
        t.recalledReason(listing?.department_name ?? ""), notice.reason);
    case "updated":
      return line("updated", "good", "check", t.updated(name, notice.version_name), t.updatedText, dismiss);
    case "went-back":
      return line("went-back", "warn", "undo", t.wentBack(name, notice.version_name), t.wentBackText, dismiss);
    case "choice":
      return line("choice", "warn", "undo",
        notice.has_failed ? t.choiceFailed(name, notice.version_name) : t.choiceOffered(name, notice.back_to),
        t.choiceText(notice.version_name, notice.back_to),
        button("go-back-version", { class: "btn sm", ...target }, t.goBackTo(notice.back_to)),
        button("keep-version", { class: "btn sm", ...target }, t.keepVersion(notice.version_name)));
    case "added":
      return line("added", "good", "check", t.added(name), t.addedText, dismiss);
    case "no-page":
      return line("no-page", "warn", "info", t.noPage, t.noPageText, dismiss);
    case "language":
      return line("language", "warn", "globe", t.foreign(notice.lang), notice.typed ? t.foreignTypedText : t.foreignText,
        button("reopen-here", { class: "btn sm", ...target }, t.reopenHere),
        button("dismiss", { class: "btn sm quiet", "data-id": notice.id }, t.goOnForeign(notice.lang)));
    case "unloaded":
      return line("unloaded", "warn", "clock", t.unloaded(name), t.unloadedText, dismiss);
    case "erased":
      return line("erased", "good", "check", t.erased(name), t.erasedText, dismiss);
    case "removed":
      return line("removed", "good", "check", t.removed(name), null, dismiss);
    case "stale":
      return line("stale", "warn", "clock", t.stale(moment(notice.since_ms, state.lang)), t.staleText,
        button("refresh", { class: "btn sm" }, t.tryAgain));
    default:
      return null;
  }
}

function offlineLine(state, t, inApp) {
  return line("offline", "warn", "offline", t.offline(moment(state.offline.since_ms, state.lang)),
    inApp ? t.offlineAppText : t.offlineText, button("refresh", { class: "btn sm" }, t.tryAgain));
}

function errorLine(error, state, t) {
  const listing = state.library?.find(({ app_id: id }) => id === error.app_id);
  const name = listing?.name ?? error.app_id ?? "";
  const say = t.failed[error.action] ?? t.failed.other;
  const row = line("error", "bad", "alert", say(name), t.failedWhy[failureKind(error.class)],
    button("dismiss", { class: "btn sm", "data-id": error.id ?? "error" }, t.dismiss));
  row.setAttribute("role", "alert");
  row.append(technical(t, [[t.code, error.class], [null, error.what], [null, error.where], ["hint", error.hint]]));
  return row;
}

/** What staff need and citizens do not, folded. */
export function technical(t, facts) {
  return h("details", { class: "technical" }, h("summary", {}, t.technical),
    facts.filter(([, value]) => value).map(([label, value]) =>
      h("p", {}, label ? `${label} ` : null, h("span", { class: "mono" }, String(value)))));
}

function body(state, query, t) {
  if (!state.library) return skeleton(t);
  const wanted = query.trim();
  if (wanted !== "") return results(state, wanted, t);
  const installed = state.library.filter((listing) => listing.installed);
  const offers = state.library.filter((listing) => !listing.installed && listing.available);
  const mine = installed.length > 0 ? arcade(installed, offers.length, state, t) : empty(offers.length, t);
  return [
    mine,
    state.library.length >= 6 ? events(state.library, t) : null,
    h("div", { class: "two" },
      state.elder && installed.length > 0 ? null : offerSection(offers, state, t),
      trust(t)),
  ];
}

function skeleton(t) {
  return h("section", { role: "status", "aria-busy": "true", "aria-label": t.loading },
    h("div", { class: "skel skel-title" }),
    h("div", { class: "arcade" }, [0, 1, 2].map(() =>
      h("div", { class: "bay" }, h("span", { class: "arch skel" }), h("span", { class: "label" }, h("span", { class: "skel skel-word" }))))));
}

function head(id, title, note, ...rest) {
  return h("div", { class: "head" }, h("h2", { id }, title), note ? h("span", { class: "muted small" }, note) : null, rest);
}

function arcade(listings, offerCount, state, t) {
  const bays = listings.map((listing) => {
    const target = { "data-app-id": listing.app_id };
    const percent = state.progress[listing.app_id];
    const isOpen = state.background?.includes(listing.app_id) ?? false;
    const calm = isOpen ? `${listing.department_name} · ${t.stillOpen}` : listing.department_name;
    const sub = percent === undefined ? calm : t.fetching(Math.round(percent));
    return h("li", { class: "bay", "data-open": isOpen, ...target },
      button("open", { class: "window", "aria-label": null, ...target },
        arch(listing),
        h("span", { class: "label" },
          h("b", {}, listing.staged ? h("i", { class: "dot" }, h("span", { class: "vh" }, t.newVersion)) : null, listing.name),
          h("span", { class: "sub" }, sub))),
      button("details", { class: "btn quiet sm", "aria-label": t.detailsOf(listing.name), ...target }, t.details));
  });
  const more = offerCount === 0 ? null : h("li", { class: "bay more" },
    button("offers", { class: "window" },
      h("span", { class: "arch ghost", "aria-hidden": "true" }, icon("plus")),
      h("span", { class: "label" }, h("b", {}, t.addService), h("span", { class: "sub" }, t.more(offerCount)))));
  return h("section", { "aria-labelledby": "mine" }, head("mine", t.mine, t.mineNote),
    h("ul", { class: "arcade" }, bays, more));
}

function empty(offerCount, t) {
  return h("section", { class: "empty", "aria-labelledby": "mine" },
    h("div", { class: "arcade", "aria-hidden": "true" }, [0, 1, 2].map(() =>
      h("div", { class: "bay" }, h("span", { class: "arch ghost dashed" }), h("span", { class: "label" })))),
    h("h2", { id: "mine" }, t.emptyTitle),
    h("p", { class: "muted" }, offerCount > 0 ? t.emptyText : t.emptyNothing),
    offerCount > 0 ? null : button("refresh", { class: "btn" }, icon("refresh"), t.check));
}

function events(library, t) {
  const counts = new Map();
  for (const { glaze } of library) counts.set(glaze, (counts.get(glaze) ?? 0) + 1);
  const rows = [...counts].filter(([glaze]) => t.event[glaze]).map(([glaze, count]) =>
    h("li", {}, button("event", { "data-id": glaze },
      h("span", { class: "arch", "data-glaze": glaze, "aria-hidden": "true" }, icon(EVENT_SYMBOLS[glaze])),
      h("b", {}, t.event[glaze]), h("span", { class: "n" }, t.count(count)))));
  return h("section", { "aria-labelledby": "events" }, head("events", t.events), h("ul", { class: "events" }, rows));
}

function offerSection(offers, state, t) {
  return h("section", { class: "offers", "aria-labelledby": "offers" }, head("offers", t.offers),
    offers.length === 0 ? h("p", { class: "muted" }, t.offersDone) : h("ul", {}, offers.map((listing) => offer(listing, state, t))));
}

function offer(listing, state, t) {
  const target = { "data-app-id": listing.app_id };
  return h("li", { class: "offer", ...target },
    arch(listing, "m"),
    h("div", { class: "said" }, h("b", {}, listing.name),
      h("p", { class: "small muted" }, `${listing.department_name} · ${size(listing.available.download_bytes)}`),
      listing.description ? h("p", { class: "small what" }, listing.description) : null),
    h("div", { class: "row acts" },
      button("details", { class: "btn sm quiet", "aria-label": t.detailsOf(listing.name), ...target }, t.details),
      installButton(listing, state, t, "sm")));
}

/** Adds a service; while that goes on it says how far, keeping its place. */
export function installButton(listing, state, t, extra = "") {
  const percent = state.progress[listing.app_id];
  // What is added is the release that is being looked at, and no other.
  const target = { "data-app-id": listing.app_id, "data-sequence": listing.available?.sequence };
  return percent === undefined
    ? button("install", { class: `btn ${extra}`, "aria-label": t.addOf(listing.name), ...target }, t.add)
    : button("install", { class: `btn busy ${extra}`, "aria-disabled": "true", ...target }, t.adding(Math.round(percent)));
}

function trust(t) {
  const row = (symbol, title, text) => h("li", {}, icon(symbol), h("div", {}, h("b", {}, title), h("p", { class: "small muted" }, text)));
  return h("section", { class: "trust", "aria-labelledby": "trust" },
    head("trust", t.trust),
    h("ul", {}, row("shield", t.trustVerified, t.trustVerifiedText), row("lock", t.trustApart, t.trustApartText), row("desk", t.trustOffline, t.trustOfflineText)),
    button("refresh", { class: "btn sm quiet check" }, icon("refresh"), t.checkUpdates));
}

/** Every word asked for occurs in the name, the description, the department or the life event. */
export function matches(listing, wanted, t) {
  const text = [listing.name, listing.description, listing.department_name, t.event[listing.glaze], listing.app_id].join(" ").toLowerCase();
  return wanted.toLowerCase().split(/\s+/).every((word) => text.includes(word));
}

function results(state, wanted, t) {
  const hits = state.library.filter((listing) => matches(listing, wanted, t));
  return h("section", { class: "results", "aria-labelledby": "results" },
    h("div", { class: "head" }, h("h2", { id: "results" }, h("span", { role: "status" }, t.found(hits.length))),
      button("show-all", { class: "btn sm quiet push" }, t.showAll)),
    hits.length === 0 ? h("p", { class: "muted" }, t.foundNothing) : h("ul", {}, hits.map((listing) =>
      listing.installed ? opened(listing, t) : offer(listing, state, t))));
}

function opened(listing, t) {
  const target = { "data-app-id": listing.app_id };
  return h("li", { class: "offer", ...target },
    arch(listing, "m"),
    h("div", { class: "said" }, h("b", {}, listing.name), h("p", { class: "small muted" }, listing.department_name),
      listing.description ? h("p", { class: "small what" }, listing.description) : null),
    h("div", { class: "row acts" },
      button("details", { class: "btn sm quiet", "aria-label": t.detailsOf(listing.name), ...target }, t.details),
      button("open", { class: "btn sm", "aria-label": t.openOf(listing.name), ...target }, t.open)));
}
