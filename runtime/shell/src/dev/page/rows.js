// How an entry is shown.

import { h } from "./dom.js";
import { say } from "./text.js";

const clock = (ms) => `${(ms / 1000).toFixed(2)} s`;
const micros = (us) => (us === null || us === undefined ? "" : say("ms", us < 10_000 ? (us / 1000).toFixed(2) : Math.round(us / 1000)));
const who = (page) => h("span", { class: "who" }, page === null || page === undefined ? say("logic") : say("page", page));
const word = (key, kind) => h("span", { class: `word ${kind}` }, say(key));
const at = (entry, more = "") => h("span", { class: "at" }, [more, clock(entry.at)].filter(Boolean).join(" · "));
const mono = (text) => h("pre", {}, text);
const soft = (text) => h("span", { class: "soft-row" }, text);

const DECISIONS = { granted: "good", denied: "bad", invalid: "bad", waits: "warn", free: "" };

function why(call) {
  const reason = call.reason ?? say("why.noreason");
  if (call.decision === "granted") return say("why.granted", call.permission, reason);
  return say(`why.${call.decision}`, call.permission, call.failed ?? "");
}

function call(entry) {
  return [
    h("div", { class: "head" }, h("code", {}, entry.function), word(`decision.${entry.decision}`, DECISIONS[entry.decision]), who(entry.page), at(entry, micros(entry.us))),
    mono(entry.arguments),
    entry.ok !== null && entry.ok !== undefined && entry.ok !== "null" ? mono(`→ ${entry.ok}`) : null,
    entry.failed && entry.decision === "granted" ? mono(`→ ${entry.failed}`) : null,
    soft(why(entry)),
  ];
}

function logic(entry) {
  const rows = [h("div", { class: "head" }, say(`logic.${entry.became}`, entry.events), at(entry))];
  if (entry.changed?.length) rows.push(soft(entry.changed.join(" ")));
  if (entry.why) rows.push(h("div", {}, say(`why.${entry.why}`, entry.event)));
  if (entry.input) rows.push(mono(entry.input));
  if (entry.why === "differs") rows.push(mono(say("expected", entry.expected ?? say("nothing"))), mono(say("got", entry.got ?? say("nothing"))));
  if (entry.problem) rows.push(h("div", {}, entry.problem.what), soft(entry.problem.hint));
  return rows;
}

function painted(entry) {
  return [h("div", { class: "head" }, say(`painted.${entry.kind}`), at(entry, say("ms", entry.ms)))];
}

const stopped = (entry) => [
  h("div", { class: "head" }, word("stopped", "bad"), h("code", {}, entry.class), at(entry)),
  h("div", {}, entry.what), soft(entry.hint),
];

/** The rows of each list; what a list does not show is null. */
export const LISTS = {
  console: (entry) => {
    if (entry.is === "stopped") return stopped(entry);
    if (entry.is !== "console") return null;
    const kind = { error: "bad", warn: "warn" }[entry.level] ?? "";
    return [h("div", { class: "head" }, word(`level.${entry.level}`, kind), who(entry.page), at(entry)), mono(entry.text)];
  },
  calls: (entry) => (entry.is === "call" ? call(entry) : null),
  network: (entry) => (entry.is === "call" && entry.function === "network.fetch" ? call(entry) : null),
  lifecycle: (entry) => {
    if (entry.is === "logic") return logic(entry);
    if (entry.is !== "lifecycle") return null;
    const input = JSON.stringify(entry.input);
    const about = entry.page === null ? h("span", { class: "who" }, "global") : who(entry.page);
    return [h("div", { class: "head" }, h("code", {}, entry.phase), about, at(entry)), input === "{}" ? null : mono(input)];
  },
  timing: (entry) => {
    if (entry.is === "painted") return painted(entry);
    if (entry.is === "page") return [h("div", { class: "head" }, say(entry.reached, entry.page), at(entry))];
    if (entry.is === "handled") return [h("div", { class: "head" }, say("handled", entry.event), at(entry, micros(entry.us)))];
    return entry.is === "logic" && entry.became !== "same" ? logic(entry) : null;
  },
};

/** One finding of `guichet check`. */
export function problem(one) {
  return h("li", {},
    h("div", { class: "head" }, word(one.severity === "remark" ? "remark" : "error", one.severity === "remark" ? "warn" : "bad"), h("code", {}, one.place), soft(one.class)),
    h("div", {}, one.what), soft(one.hint));
}

/** One entry of the storage. */
export function kept(entry) {
  return h("li", {}, h("div", { class: "head" }, h("code", {}, entry.key)), mono(entry.text ?? say("bytes", entry.bytes)));
}

/** One thing a reader would say. */
export function spoken(thing) {
  const line = [thing.role, thing.name, ...thing.states].filter(Boolean).join(", ");
  const kind = [thing.nameless ? "nameless" : "", thing.focused ? "focused" : ""].join(" ").trim();
  return h("li", { class: kind || null },
    h("div", { class: "head" }, line, thing.focused ? word("focus", "good") : null),
    thing.nameless ? soft(say("nameless")) : null);
}
