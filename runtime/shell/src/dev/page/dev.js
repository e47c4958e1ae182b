// The developer's panel: entries in, switches out. It decides nothing.

import { h } from "./dom.js";
import { LISTS, kept, problem, spoken } from "./rows.js";
import { say, speak } from "./text.js";

const MOST = 500;
const SWITCHES = {
  profile: ["phone", "tablet", "desktop", "kiosk", "elder", "reader"],
  theme: ["system", "light", "dark"],
  lang: ["zh-Hans", "en"],
  network: ["online", "slow", "offline"],
};
const DEVICES = {
  printer: ["ready", "busy", "paper-out", "jam", "offline", "none"],
  card: ["present", "empty", "expired", "mute", "offline", "none"],
  speech: ["ready", "slow", "mute", "none"],
  clipboard: ["ready", "offline", "none"],
  scan: ["ready", "slow", "busy", "empty", "jam", "open", "offline", "none"],
  notify: ["ready", "offline", "none"],
  files: ["ready", "nothing", "offline", "none"],
  "open-app": ["answers", "closes", "waits", "absent", "none"],
  telemetry: ["ready", "none"],
};
const TABS = ["problems", "console", "calls", "storage", "lifecycle", "network", "timing", "reader"];
const ACTIONS = ["reload", "anew", "erase", "clear", "record"];

const id = (name) => document.getElementById(name);
const tell = (message) => window.ipc.postMessage(JSON.stringify(message));

const entries = Object.fromEntries(Object.keys(LISTS).map((name) => [name, []]));
const counts = {};
let setup = {}, problems = [], storage = [], speech = { outline: [] }, shown = "console", isDue = false;

function draw() {
  isDue = false;
  id("app").textContent = setup.app_id ?? "";
  id("size").textContent = setup.width ? say("of", setup.width, setup.height) : "";
  drawTabs();
  drawList();
}

/** Many entries come at once; they are drawn once. */
function later() {
  if (!isDue) {
    isDue = true;
    requestAnimationFrame(draw);
  }
}

function choice(name, values, now, set) {
  const all = values.includes(now) || !now ? values : [...values, now];
  const made = h("select", { id: `switch-${name}` }, all.map((value) => h("option", { value, selected: value === now }, say(`${name}.${value}`))));
  made.addEventListener("change", () => tell({ action: "set", ...set(made.value) }));
  return h("label", {}, say(name), made);
}

function drawSwitches() {
  const focused = document.activeElement?.id;
  id("switches").replaceChildren(
    ...Object.entries(SWITCHES).map(([name, values]) => choice(name, values, setup[name], (value) => ({ [name]: value }))),
    ...Object.entries(DEVICES).map(([name, values]) => choice(name, values, setup.devices?.[name], (value) => ({ devices: { [name]: value } }))),
  );
  id("actions").replaceChildren(...ACTIONS.map((name) => {
    const made = h("button", { type: "button", id: `do-${name}`, class: name === "record" && setup.recording ? "on" : null }, say(doing(name)));
    made.addEventListener("click", () => act(name));
    return made;
  }));
  if (focused) id(focused)?.focus();
}

/** One button begins to record and ends it. */
const doing = (name) => (name === "record" && setup.recording ? "stop" : name);

function act(name) {
  if (name === "clear") {
    for (const list of Object.values(entries)) list.length = 0;
    later();
  } else {
    tell({ action: doing(name) });
  }
}

function count(name) {
  if (name === "problems") return problems.length;
  if (name === "storage") return storage.length;
  if (name === "reader") return 0;
  return entries[name].length;
}

function isBad(name) {
  if (name === "problems") return problems.some((one) => one.severity !== "remark");
  if (name === "calls") return entries.calls.some((entry) => ["denied", "invalid"].includes(entry.decision));
  return name === "console" && entries.console.some((entry) => entry.is === "stopped" || entry.level === "error");
}

function drawTabs() {
  const tabs = id("tabs");
  if (tabs.childElementCount === 0 || tabs.lang !== document.documentElement.lang) {
    tabs.lang = document.documentElement.lang;
    tabs.setAttribute("aria-label", say("lists"));
    tabs.replaceChildren(...TABS.map((name) => {
      const tab = h("button", { type: "button", role: "tab", id: `tab-${name}`, "aria-controls": "panel" }, say(`tab.${name}`), h("span", { class: "count" }));
      tab.addEventListener("click", () => show(name));
      return tab;
    }));
  }
  for (const name of TABS) {
    const tab = id(`tab-${name}`);
    tab.setAttribute("aria-selected", String(name === shown));
    tab.tabIndex = name === shown ? 0 : -1;
    const number = tab.querySelector(".count");
    number.textContent = count(name) || "";
    number.className = isBad(name) ? "count bad" : "count";
  }
}

function rows() {
  if (shown === "problems") return problems.map(problem);
  if (shown === "storage") return storage.map(kept);
  if (shown === "reader") return speech.outline.map(spoken);
  return entries[shown].map((entry) => h("li", { "data-is": entry.is }, LISTS[shown](entry)));
}

function drawList() {
  const panel = id("panel");
  panel.setAttribute("aria-labelledby", `tab-${shown}`);
  const isAtEnd = panel.scrollTop + panel.clientHeight >= panel.scrollHeight - 40;
  const list = rows();
  panel.replaceChildren(list.length ? h("ol", {}, list) : h("p", { class: "none" }, say(`none.${shown}`)));
  if (isAtEnd && !["problems", "storage", "reader"].includes(shown)) panel.scrollTop = panel.scrollHeight;
}

function show(name) {
  shown = name;
  if (name === "storage") tell({ action: "storage" });
  draw();
}

function status(text, isWrong = false) {
  id("status").textContent = text;
  id("status").className = isWrong ? "bad" : "";
}

function take(entry) {
  if (entry.is === "setup") {
    if (entry.recording && !setup.recording) status(say("step", 0));
    if (entry.profile === "reader" && setup.profile !== "reader") shown = "reader";
    setup = entry;
    speak(entry.words);
    drawSwitches();
  } else if (entry.is === "problems") {
    const had = problems.length;
    problems = entry.problems;
    const wrong = problems.filter((one) => one.severity !== "remark");
    if (wrong.length > 0) {
      status(`${wrong[0].place} ${wrong[0].what}`, true);
      if (had === 0) shown = "problems";
    }
  } else if (entry.is === "storage") {
    storage = entry.entries;
  } else if (entry.is === "speech") {
    speech = entry.page;
  } else {
    if (entry.is === "painted") status(`${say(`painted.${entry.kind}`)} · ${say("ms", entry.ms)}`);
    if (entry.is === "logic" && entry.became !== "same") status(say(`logic.${entry.became}`, entry.events) + (entry.why ? ` · ${say(`why.${entry.why}`, entry.event)}` : ""), entry.became === "refused");
    if (entry.is === "step") status(say("step", entry.steps));
    if (entry.is === "written") status(entry.file ? say("written", entry.file) : say("written.nothing"));
    if (entry.is === "stopped") status(entry.what, true);
    for (const [name, list] of Object.entries(entries)) {
      if (LISTS[name](entry) === null) continue;
      const known = entry.is === "call" ? list.findIndex((other) => other.number === entry.number && other.decision === "waits") : -1;
      if (known >= 0) list[known] = entry;
      else list.push(entry);
      if (list.length > MOST) list.shift();
    }
    if (entry.is === "call" && entry.function.startsWith("storage.") && shown === "storage") tell({ action: "storage" });
  }
}

// Arrow keys move between tabs, as everywhere.
id("tabs").addEventListener("keydown", (event) => {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  const to = event.key === "Home" ? 0 : event.key === "End" ? TABS.length - 1 : step ? (TABS.indexOf(shown) + step + TABS.length) % TABS.length : -1;
  if (to < 0) return;
  event.preventDefault();
  show(TABS[to]);
  id(`tab-${TABS[to]}`).focus();
});

globalThis.guichetDev = {
  receive(list) {
    list.forEach(take);
    later();
  },
};

tell({ action: "ready" });
