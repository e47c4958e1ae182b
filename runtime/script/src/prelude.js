// The JavaScript half of the script component, evaluated once before the MiniApp's own modules. `native` has a function
// for each function of the WIT (natives.rs), `api` has their JavaScript names (api.js). Returns the hooks that take events.
(native, api, text, fetch) => {
  const DAY_MS = 86_400_000;
  const INTERVAL_MS = 4;

  const waiting = new Map(); // call -> what to do with its result
  const timers = new Map(); // timer -> call
  const rejected = new Map(); // promise -> reason, until somebody handles it
  const listeners = new Map(); // type -> functions and objects, in the order in which they came
  const handlers = new Map(); // type -> what `on…` holds
  let app = {};
  let lifecycle = {};
  let sugar = {};
  let input = Object.freeze({ pagePath: "", referrerInfo: "", lang: "", dir: "auto" });
  let globalState = null;
  let lifecycleError = null;
  let lang;
  let launched = false;
  let lastTimer = 0;

  // What is said about a thrown thing: one line, and the frames that are the app's own.
  const ours = (line) => line.includes("guichet:") || line.endsWith("(native)");
  const frames = (stack) => String(stack ?? "").split("\n").filter((line) => line && !ours(line)).join("\n");
  const describe = (thrown) => thrown instanceof Error
    ? [thrown.message ? `${thrown.name}: ${thrown.message}` : String(thrown.name), frames(thrown.stack)]
    : [`thrown: ${show(thrown)}`, ""];
  const show = (value) => {
    if (typeof value === "string") return value;
    if (value instanceof Error) return describe(value).filter(Boolean).join("\n");
    try {
      return JSON.stringify(value) ?? String(value);
    } catch {
      return String(value);
    }
  };
  const log = (level) => (...parts) => native["log.write"](level, parts.map(show).join(" "));

  const report = (thrown) => {
    const [message, stack] = describe(thrown);
    native["log.report"]({ message, stack });
    const told = Object.freeze({ errorDescription: message, lang: input.lang, dir: input.dir });
    lifecycleError = told;
    const fault = { message, stack };
    // What an error handler throws is said, and told to none of them again.
    const each = (f, ...args) => {
      try {
        f(...args);
      } catch (again) {
        native["log.report"]({ message: `in the error handler: ${describe(again)[0]}`, stack: describe(again)[1] });
      }
    };
    if (typeof lifecycle.error === "function") each(() => lifecycle.error(fault));
    if (typeof sugar.onError === "function") each(() => sugar.onError(Object.freeze({ ...told, ...fault })));
    dispatch("globalerror", told, each);
  };
  const run = (f, ...args) => {
    try {
      f(...args);
    } catch (thrown) {
      report(thrown);
    }
  };
  const emit = (name, event) => {
    if (typeof lifecycle[name] === "function") run(() => lifecycle[name](event));
  };

  // `global` of MiniApp Lifecycle (L8 to L10, L14): an event target, as there is none in QuickJS.
  const dispatch = (type, members, each = run) => {
    const event = Object.freeze({ type, target, currentTarget: target, ...members });
    const handler = handlers.get(type);
    if (handler) each(() => handler.call(target, event));
    for (const listener of [...(listeners.get(type) ?? [])]) {
      each(() => (typeof listener === "function" ? listener.call(target, event) : listener.handleEvent(event)));
    }
  };
  const reach = (state, launch) => {
    globalState = state;
    emit(state, launch);
    // MiniApp Lifecycle, explainer (L16).
    const on = { launched: "onLaunch", shown: "onShow", hidden: "onHide", unloaded: "onUnload" }[state];
    const options = state === "launched" || state === "shown" ? opened : undefined;
    if (typeof sugar[on] === "function") run(() => sugar[on](options));
    dispatch(`global${state}`, input);
  };
  let opened;

  const afterLaunch = (name) => {
    if (!launched) throw new Error(`${name} can be used only after \`launched\``);
  };
  const call = (name) => (...args) => new Promise((resolve, reject) => {
    afterLaunch(name);
    // The completion comes in another event, whose stack knows nothing of this line.
    const at = new Error(name);
    waiting.set(native[name](...args), { take: native[`${name}-result`], resolve, reject, at });
  });
  // A request that the host carries, and the way to give it up.
  const carry = (request) => {
    afterLaunch("fetch");
    const of = native["network.fetch"](request);
    const at = new Error("fetch");
    const answer = new Promise((resolve, reject) => {
      waiting.set(of, { take: native["network.fetch-result"], resolve, reject, at });
    });
    return { answer, giveUp() { if (waiting.delete(of)) native["calls.forget"](of); } };
  };
  const named = (functions) => Object.freeze(Object.fromEntries(Object.entries(functions).map(
    ([name, { interface: face, function: f, tell }]) => [name, tell ? native[`${face}.${f}`] : call(`${face}.${f}`)],
  )));
  const json = (value) => {
    const encoded = JSON.stringify(value);
    if (encoded === undefined) throw new TypeError("guichet.page.update needs a value that JSON can hold");
    return encoded;
  };

  const { calls, timer, page, ...offered } = api;
  globalThis.guichet = Object.freeze({
    ...Object.fromEntries(Object.entries(offered).map(([name, functions]) => [name, named(functions)])),
    page: Object.freeze({ update: (patch) => native["page.update"](json(patch)) }),
    get lang() { return lang; },
  });
  const types = ["globallaunched", "globalshown", "globalhidden", "globalerror", "globalunloaded"];
  const target = {
    get globalState() { return globalState; },
    get inputObject() { return input; },
    get lifecycleError() { return lifecycleError; },
    addEventListener(type, listener) {
      if (typeof listener !== "function" && typeof listener?.handleEvent !== "function") return;
      const known = listeners.get(type) ?? [];
      if (!known.includes(listener)) listeners.set(type, [...known, listener]);
    },
    removeEventListener(type, listener) {
      listeners.set(type, (listeners.get(type) ?? []).filter((known) => known !== listener));
    },
  };
  for (const type of types) {
    Object.defineProperty(target, `on${type}`, {
      get: () => handlers.get(type) ?? null,
      set: (next) => { typeof next === "function" ? handlers.set(type, next) : handlers.delete(type); },
      enumerable: true,
    });
  }
  globalThis.global = Object.freeze(target);
  globalThis.App = (given) => { sugar = { ...given }; };
  globalThis.console = Object.freeze({
    debug: log("debug"), log: log("info"), info: log("info"), warn: log("warn"), error: log("error"),
  });

  const arm = (id, ms, fire) => {
    const after = native["timer.after"](Math.min(Math.max(Math.trunc(Number(ms) || 0), 0), DAY_MS));
    timers.set(id, after);
    waiting.set(after, { take: native["timer.after-result"], resolve: fire });
  };
  const startTimer = (name, repeats) => (f, ms = 0, ...args) => {
    afterLaunch(name);
    if (typeof f !== "function") throw new TypeError(`${name} needs a function`);
    const id = ++lastTimer;
    const every = Math.max(Number(ms) || 0, INTERVAL_MS);
    const fire = () => {
      timers.delete(id);
      if (repeats) arm(id, every, fire);
      run(f, ...args);
    };
    arm(id, repeats ? every : ms, fire);
    return id;
  };
  const stopTimer = (id) => {
    const after = timers.get(id);
    if (after === undefined) return;
    timers.delete(id);
    waiting.delete(after);
    native["calls.forget"](after);
  };
  globalThis.setTimeout = startTimer("setTimeout", false);
  globalThis.setInterval = startTimer("setInterval", true);
  globalThis.clearTimeout = stopTimer;
  globalThis.clearInterval = stopTimer;

  globalThis.TextEncoder = class TextEncoder {
    get encoding() { return "utf-8"; }
    encode(string = "") { return text.encode(String(string)); }
  };
  globalThis.TextDecoder = class TextDecoder {
    #fatal;
    constructor(label = "utf-8", { fatal = false } = {}) {
      if (!/^utf-?8$/i.test(label)) throw new RangeError("only UTF-8 is known");
      this.#fatal = Boolean(fatal);
    }
    get encoding() { return "utf-8"; }
    decode(bytes = new Uint8Array()) { return text.decode(bytes, this.#fatal); }
  };

  fetch(carry);

  // xorshift128+ from the launch's seed: an image of the memory must not fix it for ever.
  let s0 = 1n;
  let s1 = 2n;
  const random = () => {
    let a = s0;
    const b = s1;
    s0 = b;
    a ^= BigInt.asUintN(64, a << 23n);
    s1 = a ^ b ^ (a >> 17n) ^ (b >> 26n);
    return Number(BigInt.asUintN(64, s1 + b) >> 11n) / 2 ** 53;
  };
  Math.random = random;

  const handlerOf = (name) => {
    const handler = name !== "default" && Object.hasOwn(app, name) ? app[name] : undefined;
    if (typeof handler !== "function") throw new Error(`the logic has no handler '${name}': app.js does not export it`);
    return handler;
  };

  const failed = (question, name, thrown) => {
    native["log.write"]("error", `handler ${name}: ${show(thrown)}`);
    native["page.answer"](question, { err: thrown instanceof Error ? thrown.message || thrown.name : show(thrown) });
  };
  const answered = (question, name, value) => {
    let ok;
    try {
      ok = JSON.stringify(value) ?? "null";
    } catch (thrown) {
      return failed(question, name, thrown);
    }
    native["page.answer"](question, { ok });
  };

  return {
    describe,
    loaded(namespace) {
      app = namespace;
      lifecycle = app.default ?? {};
    },
    launched(route, query, language, a, b, [dir, referrer]) {
      launched = true;
      lang = language;
      input = Object.freeze({ pagePath: route, referrerInfo: referrer, lang, dir });
      opened = Object.freeze({ path: route, query, ...input });
      [s0, s1] = a || b ? [a, b] : [1n, 2n];
      // A seed of few bits shows in the first numbers.
      for (let i = 0; i < 16; i++) random();
      reach("launched", { route, query, lang, dir, referrer });
    },
    phase(name) { reach(name); },
    page(name, page, route, query) { emit(name, { page, route, query }); },
    asked(question, page, name, input) {
      let given;
      let isLater;
      try {
        given = handlerOf(name)(JSON.parse(input), { page });
        isLater = typeof given?.then === "function";
      } catch (thrown) {
        return failed(question, name, thrown);
      }
      // What is there already waits for no promise: those cost more than all else of a short question.
      if (!isLater) return answered(question, name, given);
      Promise.resolve(given).then(
        (value) => answered(question, name, value),
        (thrown) => failed(question, name, thrown),
      );
    },
    completed(of) {
      const { take, resolve, reject, at } = waiting.get(of) ?? {};
      if (!take) return;
      waiting.delete(of);
      let value;
      try {
        value = take(of);
      } catch (failure) {
        failure.stack = at.stack;
        return reject(failure);
      }
      resolve(value);
    },
    rejected(promise, reason, handled) { handled ? rejected.delete(promise) : rejected.set(promise, reason); },
    settle() {
      for (const reason of rejected.values()) report(reason);
      rejected.clear();
    },
  };
}
