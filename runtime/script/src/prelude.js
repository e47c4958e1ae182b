// The JavaScript half of the script component, evaluated once before the MiniApp's own modules. `native` has a function
// for each function of the WIT (natives.rs), `api` has their JavaScript names (api.js). Returns the hooks that take events.
(native, api, text) => {
  const DAY_MS = 86_400_000;
  const INTERVAL_MS = 4;

  const waiting = new Map(); // call -> what to do with its result
  const timers = new Map(); // timer -> call
  const rejected = new Map(); // promise -> reason, until somebody handles it
  let app = {};
  let lifecycle = {};
  let lang;
  let launched = false;
  let lastTimer = 0;

  // What is said about a thrown thing: one line, and the frames that are the app's own.
  const ours = (line) => line.includes("guichet:prelude") || line.endsWith("(native)");
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
    if (typeof lifecycle.error !== "function") return;
    try {
      lifecycle.error({ message, stack });
    } catch (again) {
      native["log.report"]({ message: `in the error handler: ${describe(again)[0]}`, stack: describe(again)[1] });
    }
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

  const afterLaunch = (name) => {
    if (!launched) throw new Error(`${name} can be used only after \`launched\``);
  };
  const call = (name) => (...args) => new Promise((resolve, reject) => {
    afterLaunch(name);
    // The completion comes in another event, whose stack knows nothing of this line.
    const at = new Error(name);
    waiting.set(native[name](...args), { take: native[`${name}-result`], resolve, reject, at });
  });
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

  const answer = async (name, input, from) => {
    const handler = name !== "default" && Object.hasOwn(app, name) ? app[name] : undefined;
    if (typeof handler !== "function") throw new Error(`the logic has no handler '${name}': app.js does not export it`);
    return JSON.stringify(await handler(JSON.parse(input), from)) ?? "null";
  };

  return {
    describe,
    loaded(namespace) {
      app = namespace;
      lifecycle = app.default ?? {};
    },
    launched(route, query, language, a, b) {
      launched = true;
      lang = language;
      [s0, s1] = a || b ? [a, b] : [1n, 2n];
      // A seed of few bits shows in the first numbers.
      for (let i = 0; i < 16; i++) random();
      emit("launched", { route, query, lang });
    },
    phase(name) { emit(name); },
    page(name, page, route, query) { emit(name, { page, route, query }); },
    asked(question, page, name, input) {
      answer(name, input, { page }).then(
        (ok) => native["page.answer"](question, { ok }),
        (thrown) => {
          native["log.write"]("error", `handler ${name}: ${show(thrown)}`);
          native["page.answer"](question, { err: thrown instanceof Error ? thrown.message || thrown.name : show(thrown) });
        },
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
