// The kiosk's own home page: services by life event, and the strip at its foot, which stays below an open app too.

import { arch, button, draw, h, icon } from "./dom.js";
import { drawNotices, EVENT_SYMBOLS, matches } from "./hall.js";
import { moment } from "./text.js";

const byId = (id) => document.getElementById(id);

/** So many services are seen at once; more are found behind their life events. */
const AT_ONCE = 8;
/** So many choices has a page for whoever wants less at once. */
const FEW = 4;
/** What keeps somebody from going on; all else is for whoever keeps the terminal. */
const TOLD = new Set(["recalled", "no-page", "unloaded"]);

/** Draws the home page. `view`: the life event or the words looked for, and how many pages of choices were turned. */
export function drawKiosk(state, view, t) {
  const { kiosk } = state;
  const event = view.query === "" ? view.event : null;
  draw(byId("kiosk-top"), [state.lang, state.elder, kiosk, event], () => top(state, event, t));
  byId("kiosk-find").hidden = state.elder || (state.library ?? []).length <= AT_ONCE;
  byId("kiosk-label").textContent = t.searchLabel;
  byId("kiosk-search").placeholder = t.searchExample;
  byId("kiosk-clear").textContent = t.showAll;
  byId("kiosk-clear").hidden = view.query === "";
  draw(byId("kiosk-stale"), [state.lang, kiosk.stale_since_ms], () => stale(kiosk.stale_since_ms, state, t));
  byId("kiosk-stale").hidden = !kiosk.stale_since_ms;
  draw(byId("kiosk-goodbye"), [state.lang, kiosk.card_taken], () => goodbye(kiosk.card_taken, t));
  byId("kiosk-goodbye").hidden = !kiosk.card_taken;
  drawNotices(byId("kiosk-notices"), state, state.notices.filter(({ kind }) => TOLD.has(kind)), t);
  draw(byId("kiosk-main"), [state.lang, state.elder, state.contrast, state.library, state.background, view], () => body(state, view, event, t));
}

/** Draws the strip: language and display, and in an app the way home. Away while somebody types in an app. */
export function drawStrip(state, inApp, t) {
  const strip = byId("strip");
  strip.hidden = !state.kiosk || (inApp && state.kiosk.typing);
  strip.setAttribute("aria-label", t.displayLabel);
  const knob = (action, name, label, pressed) =>
    button(action, pressed === undefined ? {} : { "aria-pressed": String(pressed) }, icon(name), h("span", {}, label));
  draw(strip, [state.lang, state.elder, state.contrast, state.kiosk, inApp], () => [
    inApp ? knob("close-app", "house", t.kioskHome) : null,
    h("button", { type: "button", "data-action": "set-language", lang: state.lang === "en" ? "zh-Hans" : "en" }, icon("globe"), h("span", {}, t.otherLanguage)),
    knob("set-mode", "elder", t.elderOn, state.elder),
    knob("set-contrast", "contrast", t.contrastOn, state.contrast),
    knob("set-reach", "lower", t.lower, Boolean(state.kiosk?.low)),
  ]);
}

function top(state, event, t) {
  const { kiosk, elder } = state;
  return [
    h("div", { class: "row brand" }, icon("mark"), h("b", {}, kiosk.hall), h("span", { class: "sub" }, t.kioskName(kiosk.name)),
      kiosk.staff ? button("staff", { class: "btn push end" }, icon("staff"), t.kioskStaff) : null,
      kiosk.begun ? button("end", { class: kiosk.staff ? "btn end" : "btn push end" }, t.end) : null),
    h("div", { class: "row asks" },
      event ? button("event-close", { class: "cbtn", "aria-label": t.kioskAll }, icon("back")) : null,
      h("h1", { tabindex: -1 }, event ? t.event[event] : elder ? t.kioskQuestionElder : t.kioskQuestion)),
    event || elder ? null : h("p", { class: "lead soft", lang: state.lang === "en" ? "zh-Hans" : "en" }, t.kioskHint),
    kiosk.reader && !event ? h("div", { class: "row card-hint" }, icon("card"), h("div", {}, h("b", {}, t.kioskCard), elder ? null : h("p", { class: "small soft" }, t.kioskCardText))) : null,
  ];
}

/** Services run on without their store; what they show may have changed since. */
function stale(since, state, t) {
  return since ? [icon("clock"), h("p", {}, t.kioskStale(moment(since, state.lang)))] : null;
}

/** Whoever has taken their card may still stand there, and wants to know what is left of them. */
function goodbye(isSaid, t) {
  return isSaid ? [icon("card"), h("div", {}, h("b", {}, t.kioskCardTaken), h("p", {}, t.kioskCardTakenText))] : null;
}

function body(state, view, event, t) {
  if (!state.library) return h("p", { class: "lead muted", role: "status" }, t.loading);
  if (state.library.length === 0) return h("p", { class: "lead" }, t.kioskEmpty);
  if (view.query !== "") {
    const hits = state.library.filter((listing) => matches(listing, view.query, t));
    return section("results", h("span", { role: "status" }, t.found(hits.length)), hits.length === 0 ? h("p", { class: "muted" }, t.foundNothing) : services(hits, state, view, t));
  }
  const of = (glaze) => state.library.filter((listing) => eventOf(listing) === glaze);
  if (event) return services(of(event), state, view, t);
  const events = Object.keys(t.event).filter((glaze) => of(glaze).length > 0);
  if (state.library.length <= (state.elder ? FEW : AT_ONCE)) {
    if (state.elder) return services(state.library, state, view, t);
    return events.map((glaze) => section(glaze, t.event[glaze], services(of(glaze), state, view, t)));
  }
  return section("events", t.events, list(events.map((glaze) => door(glaze, of(glaze), t)), state, view, t));
}

/** A service whose manifest says nothing of it is shown where the host shows those: its window has this glaze. */
const eventOf = ({ glaze }) => (Object.hasOwn(EVENT_SYMBOLS, glaze) ? glaze : "celadon");

function section(id, title, content) {
  return h("section", { "aria-labelledby": `k-${id}` }, h("h2", { id: `k-${id}` }, title), content);
}

function services(listings, state, view, t) {
  return list(listings.map((listing) => {
    const target = { "data-app-id": listing.app_id };
    const isOpen = state.background?.includes(listing.app_id) ?? false;
    const sub = isOpen ? t.stillOpen : listing.description || listing.department_name;
    return h("li", { class: "bay", "data-open": isOpen, ...target },
      button("open", { class: "door", ...target }, arch(listing, "door-arch"),
        h("span", {}, h("b", {}, listing.name), h("span", { class: "sub" }, sub)), icon("fwd")));
  }), state, view, t);
}

function door(glaze, listings, t) {
  const names = listings.slice(0, 2).map(({ name }) => name).join(t.comma);
  return h("li", {}, button("event", { class: "door", "data-id": glaze },
    h("span", { class: "arch door-arch", "data-glaze": glaze, "aria-hidden": "true" }, icon(EVENT_SYMBOLS[glaze])),
    h("span", {}, h("b", {}, t.event[glaze]), h("span", { class: "sub" }, names)), icon("fwd")));
}

/** Doors one below another; for whoever wants less, a few, and the rest behind one more. */
function list(doors, state, view, t) {
  if (!state.elder || doors.length <= FEW) return h("ul", { class: "doors" }, doors);
  const each = FEW - 1;
  const pages = Math.ceil(doors.length / each);
  const page = view.turned % pages;
  return h("ul", { class: "doors" }, doors.slice(page * each, (page + 1) * each),
    h("li", {}, button("turn", { class: "door" }, h("span", { class: "arch door-arch", "data-glaze": "slate", "aria-hidden": "true" }, icon("dots")),
      h("span", {}, h("b", {}, page + 1 < pages ? t.kioskOther : t.kioskFirst)), icon("fwd"))));
}

/** Arrows go from door to door, in reading order. */
export function stepFrom(element, key) {
  const doors = [...byId("kiosk-main").querySelectorAll("button")];
  const at = doors.indexOf(element);
  const by = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[key];
  if (at < 0 || by === undefined) return false;
  doors[Math.min(Math.max(at + by, 0), doors.length - 1)].focus();
  return true;
}
