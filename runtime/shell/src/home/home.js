// State in, actions out: draws what the shell sends and sends what the person chose. Nothing is kept here but what is being looked at.

import { arriving } from "./dom.js";
import { drawFrame, openApp } from "./frame.js";
import { drawHome } from "./hall.js";
import { drawKiosk, drawStrip, stepFrom } from "./kiosk.js";
import { shadesOfGrey } from "./scan.js";
import { drawSheet } from "./sheet.js";
import { isEnglish, words } from "./text.js";

const root = document.documentElement;
const home = document.getElementById("home");
const kiosk = document.getElementById("kiosk");
const kioskTop = document.getElementById("kiosk-top");
const strip = document.getElementById("strip");
const frame = document.getElementById("frame");
const bar = document.getElementById("bar");
const tabs = document.getElementById("tabs");
const hang = document.getElementById("hang");
const sheet = document.getElementById("sheet");
const search = document.getElementById("search");
const kioskSearch = document.getElementById("kiosk-search");

const EMPTY = { lang: "zh-Hans", mode: "home", elder: false, contrast: false, theme: null, library: null, progress: {}, notices: [], offline: null, last: null, app: null, panel: null, error: null, may_scan: false, kiosk: null };

let state = EMPTY;
let query = "";
let details = null;
let confirming = null;
let panel = null;
/** What is looked at on the home page of a kiosk. */
let event = null;
let turned = 0;
let told = "";
let rehearsed = false;

/** So long after the first picture the machine has time. */
const REHEARSE_MS = 500;

function send(action, members) {
  window.ipc?.postMessage(JSON.stringify({ action, ...members }));
}

function setAttribute(name, value) {
  if (value) root.setAttribute(name, value);
  else root.removeAttribute(name);
}

function redraw() {
  const t = words(state.lang);
  const inApp = state.mode === "app" && state.app !== null;
  root.lang = isEnglish(state.lang) ? "en" : "zh-Hans";
  setAttribute("data-mode", state.elder ? "elder" : null);
  setAttribute("data-contrast", state.contrast ? "more" : null);
  setAttribute("data-theme", state.theme);
  setAttribute("data-terminal", state.kiosk ? "kiosk" : window.innerWidth <= 560 && !state.elder ? "phone" : null);
  home.hidden = inApp || Boolean(state.kiosk);
  kiosk.hidden = inApp || !state.kiosk;
  // It is reached right after the title, and after all of an app's bar.
  const before = inApp ? frame : kioskTop;
  if (before.nextElementSibling !== strip) before.after(strip);
  drawStrip(state, inApp, t);
  frame.hidden = !inApp;
  if (inApp) {
    drawSheet(state, null, null, t);
    drawFrame(state, panel, t);
    document.title = `${openApp(state).name} · Guichet`;
  } else if (state.kiosk) {
    drawKiosk(state, { event, query, turned }, t);
    document.title = t.title;
  } else {
    drawHome(state, query, t);
    drawSheet(state, details, confirming, t);
    document.title = t.title;
  }
  root.dataset.screen = inApp ? "app" : "home";
  tellHeight();
}

/** Tells the shell where the app's view begins, when that has changed. */
function tellHeight() {
  if (frame.hidden) {
    told = "";
    return;
  }
  const chrome = Math.ceil(bar.getBoundingClientRect().height + tabs.getBoundingClientRect().height);
  const height = Math.min(Math.ceil(hang.getBoundingClientRect().height), window.innerHeight - chrome);
  const foot = Math.ceil(strip.getBoundingClientRect().height);
  const message = { name: panel, chrome_px: chrome, height_px: height, foot_px: foot };
  if (told === JSON.stringify(message)) return;
  told = JSON.stringify(message);
  send("panel", message);
}

function showPanel(name) {
  const before = panel;
  panel = name;
  redraw();
  if (name !== null && name !== before) hang.querySelector("#panel button")?.focus();
  if (name === null && before !== null) bar.querySelector('[data-action="menu"]')?.focus();
}

function closeDetails() {
  const was = details;
  details = null;
  confirming = null;
  redraw();
  if (was) home.querySelector(`[data-action="details"][data-app-id="${CSS.escape(was)}"]`)?.focus();
}

/** Asks in the sheet before something that cannot be undone. */
function ask(what) {
  confirming = what;
  redraw();
  sheet.querySelector('[data-action="keep"]')?.focus();
}

function searchFor(words) {
  query = words;
  search.value = words;
  redraw();
}

/** Back to all that a kiosk offers. */
function goHome() {
  const was = event;
  [event, query, turned] = [null, "", 0];
  kioskSearch.value = "";
  redraw();
  (was && kiosk.querySelector(`[data-action="event"][data-id="${CSS.escape(was)}"]`))?.focus();
}

/** What happens on this page alone. */
const local = {
  details: ({ appId }) => { details = appId; confirming = null; redraw(); },
  "sheet-close": closeDetails,
  erase: () => ask("erase"),
  remove: () => ask("remove"),
  keep: () => { const asked = confirming; confirming = null; redraw(); sheet.querySelector(`[data-action="${asked}"]`)?.focus(); },
  "show-all": () => { searchFor(""); search.focus(); },
  turn: () => { turned += 1; redraw(); },
  "event-close": () => goHome(),
  event: ({ id }) => {
    if (state.kiosk) {
      [event, turned] = [id, 0];
      redraw();
      scrollTo(0, 0);
      kiosk.querySelector("h1").focus();
      return;
    }
    searchFor(words(state.lang).event[id]); document.getElementById("results")?.scrollIntoView({ block: "nearest" });
  },
  offers: () => { document.getElementById("offers")?.scrollIntoView({ block: "start" }); home.querySelector('.offers [data-action="install"]')?.focus({ preventScroll: true }); },
  menu: () => showPanel(panel === null ? "menu" : null),
  permissions: () => showPanel("permissions"),
  about: () => showPanel("about"),
};

/** What goes up to the shell, with what it needs to know. */
const upward = {
  refresh: () => ({}),
  install: ({ appId, sequence }) => ({ app_id: appId, sequence: sequence ? Number(sequence) : null }),
  open: ({ appId }) => ({ app_id: appId }),
  reopen: ({ appId }) => ({ app_id: appId }),
  "reopen-here": ({ appId }) => ({ app_id: appId }),
  withdraw: ({ appId, permission }) => ({ app_id: appId, permission }),
  allow: ({ appId, permission }) => ({ app_id: appId, permission }),
  "update-now": ({ appId }) => ({ app_id: appId }),
  "update-later": ({ appId }) => ({ app_id: appId }),
  "keep-version": ({ appId }) => ({ app_id: appId }),
  "go-back-version": ({ appId }) => ({ app_id: appId }),
  dismiss: ({ id }) => ({ id }),
  "close-app": () => ({}),
  end: () => ({}),
  staff: () => ({}),
  back: () => ({}),
  tab: ({ page }) => ({ page }),
  "set-language": () => ({ lang: isEnglish(state.lang) ? "zh-Hans" : "en" }),
  "set-mode": () => ({ mode: state.elder ? "standard" : "elder" }),
  "set-reach": () => ({ reach: state.kiosk?.low ? "standard" : "low" }),
  "set-contrast": () => ({ contrast: state.contrast ? "standard" : "more" }),
};

/** After these the sheet or panel has done its work. */
const closing = new Set(["open", "reopen", "reopen-here", "close-app", "update-now", "set-mode", "set-contrast"]);

document.addEventListener("click", (event) => {
  const control = event.target instanceof Element ? event.target.closest("[data-action]") : null;
  if (!control || control.getAttribute("aria-disabled") === "true") return;
  if (control.dataset.fresh !== undefined) {
    event.preventDefault();
    return;
  }
  const action = control.dataset.action;
  if (local[action]) {
    local[action](control.dataset);
  } else if (action === "remove-confirm" || action === "erase-confirm") {
    send(action === "remove-confirm" ? "remove" : "erase", { app_id: control.dataset.appId });
    closeDetails();
  } else if (upward[action]) {
    send(action, upward[action](control.dataset));
    if (!closing.has(action)) return;
    if (panel !== null) showPanel(null);
    if (details !== null) closeDetails();
  }
});

document.addEventListener("keydown", (event) => {
  if (!kiosk.hidden && stepFrom(document.activeElement, event.key)) event.preventDefault();
  if (!kiosk.hidden && event.key === "Home" && document.activeElement !== kioskSearch) goHome();
  if (event.key === "Escape" && panel !== null) showPanel(null);
});

/** Whether a text is an address or the id of an app, and not words to search for. */
const isAddress = (text) => /^([a-z][a-z0-9+.-]*:\/\/\S+|[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)+)$/i.test(text);

document.querySelector("form.find").addEventListener("submit", (event) => {
  event.preventDefault();
  const text = search.value.trim();
  if (isAddress(text)) {
    send("visit", { text });
    searchFor("");
    return;
  }
  searchFor(search.value);
  home.querySelector('.results [data-action="open"], .results [data-action="install"]')?.focus();
});
document.getElementById("scan-file").addEventListener("change", async (event) => {
  const [file] = event.target.files;
  if (!file) return;
  send("scan", await shadesOfGrey(file).catch(() => ({ width: 0, grey: "" })));
  event.target.value = "";
});
search.addEventListener("input", () => searchFor(search.value));
kioskSearch.addEventListener("input", () => { [query, turned] = [kioskSearch.value.trim(), 0]; redraw(); });
document.querySelector("#kiosk-find form").addEventListener("submit", (event) => {
  event.preventDefault();
  kiosk.querySelector("#kiosk-main button")?.focus();
});
sheet.addEventListener("close", () => { if (details !== null) closeDetails(); });
sheet.addEventListener("click", (event) => { if (event.target === sheet) closeDetails(); });
window.addEventListener("resize", redraw);
for (const part of [hang, strip]) new ResizeObserver(tellHeight).observe(part);

window.guichetHome = Object.freeze({
  get state() {
    return state;
  },
  /** Whoever comes here with keys alone begins at the bar, or at the strip. */
  takeKeys() {
    (frame.hidden ? strip : bar).querySelector("button")?.focus();
  },
  receive(next) {
    const before = state;
    state = { ...EMPTY, ...next };
    if (state.panel !== before.panel) panel = state.panel;
    if (state.mode !== "app" || state.app?.app_id !== before.app?.app_id) panel = state.panel;
    arriving(redraw);
    if (!rehearsed && state.library) {
      rehearsed = true;
      setTimeout(rehearse, REHEARSE_MS);
    }
  },
});

/** Lays out the bar of an app once before there is one, unseen: the first app that opens does not wait for it. */
function rehearse() {
  const any = state.library?.find(({ installed }) => installed !== null);
  if (!any || state.mode === "app") return;
  frame.hidden = false;
  drawFrame({ ...state, app: { app_id: any.app_id, status: "opening", version_name: "" } }, null, words(state.lang));
  frame.getBoundingClientRect();
  redraw();
}

redraw();
send("ready");
