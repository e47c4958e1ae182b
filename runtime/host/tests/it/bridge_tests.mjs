const posted = globalThis.posted;
const greeted = posted.splice(0);
const receive = (message) => globalThis.__guichet.receive(message);
const settle = async () => { for (let turn = 0; turn < 8; turn += 1) await null; };

export const greeting = () => {
  receive({ lifecycle: { target: "page", phase: "loaded", query: "" } });
  const first = posted.splice(0);
  receive({ lifecycle: { target: "page", phase: "shown", query: "" } });
  return [greeted, first, posted.splice(0)];
};

export const typing = () => {
  const { dispatchEvent } = EventTarget.prototype;
  const type = (isTrusted) => dispatchEvent.call(globalThis, { type: "input", isTrusted });
  type(false);
  const byScript = posted.splice(0);
  type(true);
  type(true);
  return [byScript, posted.splice(0)];
};

export const calls = async () => {
  const { guichet } = globalThis;
  const settled = [];
  guichet.storage.set("key", new Uint8Array([0, 255, 16])).then((value) => settled.push(String(value ?? undefined)));
  guichet.appInfo.get().then((value) => settled.push(`bytes ${Array.from(value)}`));
  guichet.logic.call("quote", { a: [1, undefined] }).catch((error) => settled.push(String(error)));
  guichet.log.write("info", "text");
  receive({ id: 1, ok: null });
  receive('{"id":2,"ok":{"$bytes":"AP8Q"}}');
  receive({ id: 3, error: { name: "DeniedError", message: "no" } });
  receive({ id: 99, ok: "nobody waits" });
  await settle();
  return { posted: posted.splice(0), settled };
};

export const numbers = async () => {
  const { guichet } = globalThis;
  const settled = [];
  guichet.storage.get("key").then((value) => settled.push(value));
  const { id } = JSON.parse(posted[0]);
  receive({ id: 1, ok: "of the document before" });
  receive({ id, ok: "of this one" });
  await settle();
  return { id, settled };
};

export const records = async () => {
  const { guichet } = globalThis;
  const settled = [];
  const argument = { isOpen: true, left: undefined, parts: [{ someBytes: new Uint8Array([1]), none: null }] };
  guichet.storage.set("key", argument).then((value) => settled.push(value));
  guichet.logic.call("quote", { isOpen: true }).then((value) => settled.push(value));
  receive('{"id":1,"ok":{"app-id":"a.b","version-code":7,"parts":[{"some-bytes":{"$bytes":"AQ=="}}],"__proto__":{"x-y":1}}}');
  receive('{"id":2,"ok":{"kept-as-it-is":{"$bytes":"!"}}}');
  await settle();
  const [info, answer] = settled;
  const bytes = info.parts[0].someBytes instanceof Uint8Array;
  return { posted: posted.splice(0), names: Object.keys(info), bytes, proto: Object.getPrototypeOf(info) === Object.prototype, answer };
};

export const poisoned = async () => {
  const { guichet } = globalThis;
  const { parse, stringify } = JSON;
  const originals = [Promise.prototype.then, Array.prototype.push];
  const settled = [];
  const bytes = new Uint8Array([1, 2]);
  const evil = () => { throw new Error("poisoned"); };
  Object.prototype.toJSON = evil;
  Array.prototype.toJSON = evil;
  JSON.parse = evil;
  JSON.stringify = evil;
  Array.prototype[Symbol.iterator] = evil;
  Array.prototype.map = evil;
  String.prototype.charCodeAt = evil;
  Object.defineProperty = evil;
  Reflect.apply = evil;
  const promise = guichet.storage.set("key", bytes);
  delete Object.prototype.toJSON;
  delete Array.prototype.toJSON;
  receive('{"id":1,"ok":null}');
  JSON.parse = parse;
  JSON.stringify = stringify;
  originals[0].call(promise, () => originals[1].call(settled, "done"));
  await settle();
  const seen = [];
  for (let at = 0; at < posted.length; at += 1) seen[at] = posted[at];
  return { posted: seen, settled };
};

export const frozen = () => {
  const { guichet, __guichet } = globalThis;
  const attempts = {
    "replace a function": () => { guichet.storage.get = () => 0; },
    "replace an interface": () => { guichet.storage = {}; },
    "add an interface": () => { guichet.printer = {}; },
    "delete a function": () => { delete guichet.storage.get; },
    "replace guichet": () => { Object.defineProperty(globalThis, "guichet", { value: {} }); },
    "replace receive": () => { __guichet.receive = () => 0; },
    "replace __guichet": () => { Object.defineProperty(globalThis, "__guichet", { value: {} }); },
    "replace the state": () => { Object.defineProperty(globalThis.page, "pageState", { value: "shown" }); },
  };
  const succeeded = [];
  for (const [name, attempt] of Object.entries(attempts)) {
    try {
      attempt();
      succeeded.push(name);
    } catch {
      // As it should be.
    }
  }
  return succeeded;
};

export const lifecycle = () => {
  const { global, page } = globalThis;
  const heard = [];
  global.addEventListener("globallaunched", (event) => heard.push(`launched ${event.pagePath} [${event.referrerInfo}] ${event.lang} ${event.dir}`));
  global.onglobalshown = () => heard.push("shown");
  global.addEventListener("globalerror", (event) => heard.push(`error ${event.errorDescription}`));
  page.onpageloaded = (event) => heard.push(`on loaded ${event.pageInputQuery}`);
  page.addEventListener("pageloaded", () => heard.push(`loaded ${page.pageInputObject.pageInputQuery}`));
  page.addEventListener("pageready", () => heard.push("ready"));
  page.addEventListener("pagehidden", () => heard.push("hidden"));
  const tell = (target, phase, more) => receive({ lifecycle: { target, phase, ...more } });
  const before = global.globalState;
  tell("global", "launched", { quiet: false });
  tell("global", "shown", { quiet: false });
  tell("page", "loaded", { query: "a=1" });
  tell("page", "shown", { query: "a=1" });
  tell("page", "ready", { query: "a=1" });
  tell("page", "hidden", { query: "a=1" });
  tell("global", "hidden", { quiet: true });
  tell("global", "shown", { quiet: true });
  tell("global", "error", { error: "boom", quiet: false });
  heard.push(`state ${page.pageState} ${before}->${global.globalState}`);
  return heard;
};

export const sugar = () => {
  const { page, Page } = globalThis;
  const heard = [];
  const all = (who) => Object.fromEntries(["onLoad", "onShow", "onReady", "onHide", "onUnload"].map(
    (name) => [name, (...given) => heard.push([who, name, ...given].join(" "))]));
  const tell = (phase) => receive({ lifecycle: { target: "page", phase, query: "a=1" } });
  Page(all("early"));
  for (const phase of ["loaded", "shown", "ready", "hidden", "shown"]) tell(phase);
  Page(all("late"));
  Page({ onLoad() { throw new Error("late and wrong"); } });
  for (const phase of ["hidden", "unloaded"]) tell(phase);
  Page(all("last"));
  const reported = posted.splice(0).filter((text) => text !== '{"event":"ready"}').map((text) => text.replace(/"stack":"[^"]*"/, '"stack":"STACK"'));
  return { heard, reported, state: page.pageState };
};

export const echoes = () => {
  const { global } = globalThis;
  const raise = (event) => EventTarget.prototype.dispatchEvent.call(globalThis, event);
  global.onglobalerror = () => raise({ type: "error", message: "in the handler" });
  receive({ lifecycle: { target: "global", phase: "error", error: "boom" } });
  for (let error = 0; error < 120; error += 1) raise({ type: "error", message: "again" });
  const reports = posted.splice(0).map((text) => JSON.parse(text).report);
  return { first: reports[0], loud: reports.filter(({ quiet }) => !quiet).length, all: reports.length };
};

export const updates = () => {
  const { guichet } = globalThis;
  let heard;
  guichet.page.addEventListener("update", (event) => { heard = { detail: event.detail, patch: event.patch, own: guichet.page.state }; });
  receive({ update: { n: 1 }, state: { n: 1 } });
  guichet.page.state.n = 2;
  return { ...heard, later: guichet.page.state };
};

export const flood = async () => {
  const { guichet } = globalThis;
  for (let call = 0; call < 300; call += 1) guichet.storage.get("key");
  const first = posted.length;
  receive({ id: 1, ok: null });
  return { first, after_one_answer: posted.length };
};

// What is under way together is bounded, too, and what waits goes on as answers come.
export const weight = async () => {
  const { guichet } = globalThis;
  const long = "x".repeat((3 << 20) / 2);
  for (let call = 0; call < 4; call += 1) guichet.storage.set("key", long);
  const first = posted.splice(0).length;
  receive({ id: 1, ok: null });
  return { first, second: posted.splice(0).length };
};

// All within one second of the page's clock.
export const measure = async () => {
  const { guichet } = globalThis;
  const long = await guichet.logic.call("x", "x".repeat((4 << 20) + 1)).catch(({ name, message }) => `${name}: ${message}`);
  const before = posted.length;
  for (let line = 0; line < 2010; line += 1) guichet.log.write("info", "again");
  return { long, before, told: posted.length, last: posted.at(-1) };
};

export const faults = () => {
  const raise = (event) => EventTarget.prototype.dispatchEvent.call(globalThis, event);
  raise({ type: "error", message: "x is not defined", error: { stack: "at home.js" } });
  raise({ type: "unhandledrejection", reason: "no" });
  return posted.splice(0);
};

const answer = (id, status, body, url = "https://a.example/x") =>
  receive({ id, ok: { status, url, "is-redirected": true, headers: [{ name: "content-type", value: "application/json" }], body } });
const saidOf = (promise) => promise.catch((error) => `${error.name}: ${error.message.split(";")[0]}`);

export const fetches = async () => {
  const { fetch } = globalThis;
  const inside = await fetch("data.json");
  const got = fetch("https://a.example/x");
  await settle();
  const asked = posted.splice(0);
  answer(1, 200, '{"a":1}');
  const response = await got;
  const copy = response.clone();
  const posting = fetch("https://a.example/y", { method: "POST", body: "证", headers: { "X-A": "1" } });
  await settle();
  const sent = posted.splice(0);
  answer(2, 204, "");
  return {
    inside, asked, sent, status: (await posting).status, json: await response.json(), copy: await copy.text(),
    url: response.url, redirected: response.redirected, copied: copy.url,
  };
};

export const refused = async () => {
  const { fetch, AbortController } = globalThis;
  const controller = new AbortController();
  const aborted = saidOf(fetch("https://a.example/x", { signal: controller.signal }));
  await settle();
  posted.splice(0);
  controller.abort();
  const denied = saidOf(fetch("https://b.example/"));
  await settle();
  const told = posted.splice(0);
  receive({ id: 1, error: { name: "UnavailableError", message: "network/given-up: nobody waits" } });
  receive({ id: 2, error: { name: "DeniedError", message: "network/not-declared: b.example; hint: ask" } });
  const cookies = saidOf(fetch("https://a.example/", { credentials: "include" }));
  return { aborted: await aborted, told, denied: await denied, cookies: await cookies };
};

export const requests = async () => {
  const { XMLHttpRequest } = globalThis;
  const heard = [];
  const request = (kind, each = () => {}) => {
    const made = new XMLHttpRequest();
    made.open("post", "https://a.example/x");
    made.responseType = kind;
    made.setRequestHeader("X-A", "1");
    made.onreadystatechange = () => heard.push(made.readyState);
    for (const type of ["loadstart", "load", "error", "abort", "loadend"]) made.addEventListener(type, () => heard.push(type));
    each(made);
    made.send("{}");
    return made;
  };
  const good = request("json");
  await settle();
  const sent = posted.splice(0);
  answer(1, 201, '{"a":[1]}');
  for (let turn = 0; turn < 4; turn += 1) await settle();
  const first = { heard: heard.splice(0), status: good.status, response: good.response, type: good.getResponseHeader("Content-Type"), all: good.getAllResponseHeaders(), url: good.responseURL };
  const failed = request("");
  await settle();
  receive({ id: 2, error: { name: "DeniedError", message: "no" } });
  for (let turn = 0; turn < 4; turn += 1) await settle();
  const second = { heard: heard.splice(0), status: failed.status, text: failed.responseText };
  const gone = request("");
  await settle();
  gone.abort();
  await settle();
  const third = { heard: heard.splice(0), state: gone.readyState, told: posted.splice(0).at(-1) };
  let sync = "";
  try {
    gone.open("GET", "https://a.example/", false);
  } catch (error) {
    sync = error.name;
  }
  return { sent, first, second, third, sync, constants: [XMLHttpRequest.DONE, gone.UNSENT] };
};
