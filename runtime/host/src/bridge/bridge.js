// The page's side of the bridge: runs in every page of an app before the page's own scripts.
//
// It takes what it needs of the language when it starts, so that a page which changes JSON, Promise or Array for itself
// does not break it. It proves nothing: who a page is, the host knows from the view a message came out of.
(() => {
  "use strict";
  if (Object.prototype.hasOwnProperty.call(globalThis, "__guichet")) return;

  const { parse, stringify } = JSON;
  const { apply, ownKeys } = Reflect;
  const { create, defineProperty, freeze, keys, setPrototypeOf } = Object;
  const { isArray } = Array;
  const { isView } = ArrayBuffer;
  const { fromCharCode } = String;
  const ThePromise = Promise, TheError = Error, TheBytes = Uint8Array, TheTypeError = TypeError, TheEvent = Event;
  const TheTarget = EventTarget, codeAt = String.prototype.charCodeAt, slice = Uint8Array.prototype.subarray;
  const listen = EventTarget.prototype.addEventListener, dispatch = EventTarget.prototype.dispatchEvent;
  const encode64 = globalThis.btoa.bind(globalThis), decode64 = globalThis.atob.bind(globalThis);
  const frame = globalThis.requestAnimationFrame ? globalThis.requestAnimationFrame.bind(globalThis) : (then) => then();
  const document = globalThis.document;
  const now = Date.now, later = globalThis.setTimeout ? globalThis.setTimeout.bind(globalThis) : (then) => then();
  // A shell leaves its channel here, or it is the window's; what is sent is measured here already, so that no app is ended
  // for what it says.
  const channel = globalThis.guichetChannel || globalThis.ipc;
  delete globalThis.guichetChannel;
  const pass = channel.postMessage.bind(channel);

  const table = __GUICHET_TABLE__;
  const launch = __GUICHET_LAUNCH__;

  // Plain data without prototypes: nothing a page does to Object or Array reaches it.
  const bare = (members) => setPrototypeOf(members, null);
  const constant = (object, name, value, enumerable = true) => defineProperty(object, name, bare({ value, enumerable, writable: false, configurable: false }));
  const member = (object, name, value) => defineProperty(object, name, bare({ value, enumerable: true, writable: true, configurable: true }));
  const getter = (object, name, get) => defineProperty(object, name, bare({ get, enumerable: true, configurable: false }));

  // ---- values -------------------------------------------------------------------------------------------------

  const toBytes = (text) => {
    const binary = decode64(text);
    const bytes = new TheBytes(binary.length);
    for (let at = 0; at < binary.length; at += 1) bytes[at] = apply(codeAt, binary, [at]);
    return bytes;
  };

  const fromBytes = (bytes) => {
    let binary = "";
    for (let at = 0; at < bytes.length; at += 8192) binary += apply(fromCharCode, null, apply(slice, bytes, [at, at + 8192]));
    return bare({ $bytes: encode64(binary) });
  };

  // A member of a record is `version-code` in WIT and `versionCode` in JavaScript.
  const toCamel = (name) => {
    let text = "", isUpper = false;
    for (let at = 0; at < name.length; at += 1) {
      const code = apply(codeAt, name, [at]);
      if (code === 45) isUpper = true;
      else {
        text += fromCharCode(isUpper && code >= 97 && code <= 122 ? code - 32 : code);
        isUpper = false;
      }
    }
    return text;
  };

  const toKebab = (name) => {
    let text = "";
    for (let at = 0; at < name.length; at += 1) {
      const code = apply(codeAt, name, [at]);
      text += code >= 65 && code <= 90 ? `-${fromCharCode(code + 32)}` : fromCharCode(code);
    }
    return text;
  };

  // A value of a host API, as a page sees it.
  const lift = (value) => {
    if (value === null || typeof value !== "object") return value;
    if (isArray(value)) {
      for (let at = 0; at < value.length; at += 1) value[at] = lift(value[at]);
      return value;
    }
    const names = keys(value);
    if (names.length === 1 && names[0] === "$bytes" && typeof value.$bytes === "string") return toBytes(value.$bytes);
    const record = {};
    for (let at = 0; at < names.length; at += 1) member(record, toCamel(names[at]), lift(value[names[at]]));
    return record;
  };

  // A value of a page, as a host API takes it.
  const lower = (value) => {
    if (value === undefined) return null;
    if (value === null || typeof value !== "object") return value;
    if (value instanceof TheBytes) return fromBytes(value);
    if (value instanceof ArrayBuffer || isView(value)) throw new TheTypeError("bytes are given as a Uint8Array");
    if (isArray(value)) return argumentsOf(value);
    const names = keys(value), record = bare({});
    for (let at = 0; at < names.length; at += 1) {
      if (value[names[at]] !== undefined) member(record, toKebab(names[at]), lower(value[names[at]]));
    }
    return record;
  };

  const argumentsOf = (values) => {
    const list = [];
    for (let at = 0; at < values.length; at += 1) member(list, at, lower(values[at]));
    return setPrototypeOf(list, null);
  };

  // ---- calls --------------------------------------------------------------------------------------------------

  const MOST_IN_FLIGHT = 256, MOST_IN_A_SECOND = 2000, LONGEST = 4 << 20;
  // Characters of messages: together they take memory of the host, however good each is.
  const MOST_TEXT_IN_FLIGHT = LONGEST, MOST_TEXT_IN_A_SECOND = 10 << 20;
  const waiting = create(null);
  const queued = create(null);
  let inFlight = 0, textInFlight = 0, firstQueued = 0, endQueued = 0;
  let second = 0, posted = 0, textPosted = 0, isLater = false;
  // Each document counts from a number of its own: a late answer to the one before meets no call of this one.
  const [high, low] = globalThis.crypto.getRandomValues(new Uint32Array(2));
  let lastId = (high >>> 12) * 0x1_0000_0000 + low;

  const hasRoom = (length) => {
    const at = now(), present = at - at % 1000;
    if (present !== second) {
      second = present;
      posted = 0;
      textPosted = 0;
    }
    return posted < MOST_IN_A_SECOND && textPosted + length <= MOST_TEXT_IN_A_SECOND;
  };

  const post = (text) => {
    posted += 1;
    textPosted += text.length;
    pass(text);
  };

  // What has no answer has no queue: beyond the measure it is dropped, and that is said.
  const mention = (text) => {
    if (hasRoom(text.length)) {
      if (text.length <= LONGEST) post(text);
    } else if (posted <= MOST_IN_A_SECOND) {
      posted = MOST_IN_A_SECOND;
      post(stringify(bare({ interface: "log", function: "write", arguments: setPrototypeOf(["warn", `more than ${MOST_IN_A_SECOND} messages in one second: the rest is dropped`], null) })));
    }
  };

  const sendQueued = () => {
    isLater = false;
    while (firstQueued < endQueued && inFlight < MOST_IN_FLIGHT) {
      const text = queued[firstQueued];
      if (textInFlight + text.length > MOST_TEXT_IN_FLIGHT || !hasRoom(text.length)) break;
      delete queued[firstQueued];
      firstQueued += 1;
      inFlight += 1;
      textInFlight += text.length;
      post(text);
    }
    if (firstQueued < endQueued && inFlight < MOST_IN_FLIGHT && !isLater) {
      isLater = true;
      later(sendQueued, 100);
    }
  };

  const settled = (length) => {
    inFlight -= 1;
    textInFlight -= length;
    sendQueued();
  };

  const ask = (message, read) => new ThePromise((resolve, reject) => {
    lastId += 1;
    const id = lastId;
    message.id = id;
    const text = stringify(message);
    if (text.length > LONGEST) throw failure(bare({ name: "InvalidError", message: `one message has at most ${LONGEST >> 20} MiB` }));
    waiting[id] = bare({ resolve, reject, read, length: text.length });
    queued[endQueued] = text;
    endQueued += 1;
    sendQueued();
  });

  const call = (interfaceName, functionName) => freeze(function (...values) {
    try {
      return ask(bare({ interface: interfaceName, function: functionName, arguments: argumentsOf(values) }), lift);
    } catch (error) {
      return ThePromise.reject(error);
    }
  });

  // A request that the host carries, and the way to give it up; its answer comes in any case.
  const carry = (request) => {
    const answer = ask(bare({ interface: "network", function: "fetch", arguments: argumentsOf([request]) }), lift);
    const id = lastId;
    return { answer, giveUp: () => { if (waiting[id] !== undefined) mention(stringify(bare({ forget: id }))); } };
  };

  const tell = (interfaceName, functionName) => freeze(function (...values) {
    mention(stringify(bare({ interface: interfaceName, function: functionName, arguments: argumentsOf(values) })));
  });

  const failure = (error) => {
    const made = new TheError(error.message);
    defineProperty(made, "name", bare({ value: error.name, enumerable: false, writable: true, configurable: true }));
    if (error.class) constant(made, "class", error.class);
    return made;
  };

  // ---- events -------------------------------------------------------------------------------------------------

  const withEvents = (types) => {
    const target = new TheTarget();
    for (let at = 0; at < types.length; at += 1) {
      const type = types[at];
      let handler = null;
      apply(listen, target, [type, (event) => {
        if (typeof handler === "function") apply(handler, target, [event]);
      }]);
      defineProperty(target, `on${type}`, bare({
        get: () => handler,
        set: (next) => { handler = typeof next === "function" ? next : null; },
        enumerable: true,
        configurable: false,
      }));
    }
    return target;
  };

  // MiniApp Lifecycle's examples hand the input to the listener, its IDL hands an event: this event carries the input (L14).
  const happen = (target, type, members) => {
    const event = new TheEvent(type);
    const names = ownKeys(members);
    for (let at = 0; at < names.length; at += 1) constant(event, names[at], members[names[at]]);
    apply(dispatch, target, [event]);
  };

  // ---- what a page sees ---------------------------------------------------------------------------------------

  // `global`, with its state, its input and its last error (L8, L9, L10).
  const app = withEvents(["globallaunched", "globalshown", "globalhidden", "globalerror", "globalunloaded"]);
  let globalState = "launched", lifecycleError = null;
  const inputObject = freeze({ pagePath: launch.pagePath, referrerInfo: launch.referrerInfo, lang: launch.lang, dir: launch.dir });
  getter(app, "globalState", () => globalState);
  getter(app, "inputObject", () => inputObject);
  getter(app, "lifecycleError", () => lifecycleError);

  // `page`, with its state and its input (L11, L12).
  const page = withEvents(["pageloaded", "pageready", "pageshown", "pagehidden", "pageunloaded"]);
  let pageState = null, pageInputObject = freeze({ pageInputQuery: "" });
  getter(page, "pageState", () => pageState);
  getter(page, "pageInputObject", () => pageInputObject);

  // The explainer's `Page({onLoad, …})` (L16). Whoever comes late hears what has been reached, in the same order.
  let isLoaded = false, isReady = false, sugar = null;
  const sugared = (name, ...given) => {
    if (sugar !== null && typeof sugar[name] === "function") apply(sugar[name], sugar, given);
  };
  apply(listen, page, ["pageloaded", () => { isLoaded = true; sugared("onLoad", pageInputObject.pageInputQuery); }]);
  apply(listen, page, ["pageshown", () => sugared("onShow")]);
  apply(listen, page, ["pageready", () => { isReady = true; sugared("onReady"); }]);
  apply(listen, page, ["pagehidden", () => sugared("onHide")]);
  apply(listen, page, ["pageunloaded", () => sugared("onUnload")]);
  const registerPage = freeze((handlers) => {
    sugar = typeof handlers === "object" ? handlers : null;
    const late = (isDue, ...call) => {
      if (!isDue) return;
      try {
        sugared(...call);
      } catch (error) {
        report(error && error.message !== undefined ? error.message : error, error && error.stack);
      }
    };
    late(isLoaded, "onLoad", pageInputObject.pageInputQuery);
    late(pageState === "shown", "onShow");
    late(isReady, "onReady");
  });

  const updates = withEvents(["update"]);
  let state = "{}";
  getter(updates, "state", () => parse(state));

  const guichet = {};
  const interfaces = ownKeys(table);
  for (let at = 0; at < interfaces.length; at += 1) {
    const functions = table[interfaces[at]];
    const made = {};
    const names = ownKeys(functions);
    for (let each = 0; each < names.length; each += 1) {
      const entry = functions[names[each]];
      constant(made, names[each], entry.tell ? tell(entry.interface, entry.function) : call(entry.interface, entry.function));
    }
    constant(guichet, interfaces[at], freeze(made));
  }
  constant(guichet, "lang", launch.lang);
  constant(guichet, "page", updates);
  constant(guichet, "logic", freeze({
    call: freeze((name, input) => {
      try {
        return ask(bare({ ask: `${name}`, input: input === undefined ? null : input }), (output) => output);
      } catch (error) {
        return ThePromise.reject(error);
      }
    }),
  }));
  freeze(guichet);

  // An error is the app's `error` event too (L3), unless it comes of hearing one: that would have no end.
  const MOST_ERRORS = 100;
  let errors = 0, isTellingError = false;
  const report = (message, stack) => {
    errors += 1;
    const isQuiet = isTellingError || errors > MOST_ERRORS;
    const told = bare({ message: `${message}`, stack: `${stack || ""}` });
    if (isQuiet) told.quiet = true;
    mention(stringify(bare({ report: told })));
  };

  // ---- what the host says -------------------------------------------------------------------------------------

  const lifecycle = (change) => {
    if (change.target === "global") {
      globalState = change.phase === "error" ? globalState : change.phase;
      if (change.phase === "error") lifecycleError = freeze({ errorDescription: change.error, lang: launch.lang, dir: launch.dir });
      if (change.quiet) return;
      isTellingError = change.phase === "error";
      happen(app, `global${change.phase}`, isTellingError ? lifecycleError : inputObject);
      isTellingError = false;
    } else {
      // Ready is an event, not a state a page stays in.
      if (change.phase !== "ready") pageState = change.phase;
      if (change.phase === "loaded") pageInputObject = freeze({ pageInputQuery: change.query });
      happen(page, `page${change.phase}`, pageInputObject);
      if (change.phase === "loaded") rendered();
    }
  };

  const receive = (message) => {
    const told = typeof message === "string" ? parse(message) : message;
    if (told.id !== undefined) {
      const one = waiting[told.id];
      if (one === undefined) return;
      delete waiting[told.id];
      settled(one.length);
      if (told.error) one.reject(failure(told.error));
      else one.resolve(one.read(told.ok));
    } else if (told.update !== undefined) {
      state = stringify(told.state);
      happen(updates, "update", bare({ detail: parse(state), patch: told.update }));
    } else if (told.lifecycle) {
      lifecycle(told.lifecycle);
    }
  };

  // ---- what happens in the page -------------------------------------------------------------------------------

  apply(listen, globalThis, ["error", (event) => {
    if (event.message) report(event.message, event.error && event.error.stack);
  }]);
  apply(listen, globalThis, ["unhandledrejection", (event) => {
    const reason = event.reason;
    report(reason && reason.message !== undefined ? reason.message : reason, reason && reason.stack);
  }]);

  // View and logic start side by side. The host answers `loaded` once the logic runs, and with all the page has to know by
  // then: the page is ready when it has drawn that (L1, L7).
  let isRendered = false;
  const rendered = () => {
    if (isRendered) return;
    isRendered = true;
    frame(() => frame(() => post(stringify(bare({ event: "ready" })))));
  };

  // What a person has typed is gone with the view; whoever lets it go has to know.
  let hasTyped = false;
  apply(listen, globalThis, ["input", (event) => {
    if (hasTyped || !event.isTrusted) return;
    hasTyped = true;
    post(stringify(bare({ event: "typed" })));
  }, true]);

  const loaded = () => post(stringify(bare({ event: "loaded" })));
  if (document && document.readyState === "loading") apply(listen, document, ["DOMContentLoaded", loaded]);
  else loaded();

  (__GUICHET_FETCH__)(carry);
  constant(globalThis, "guichet", guichet);
  // Configurable: a page that declares a `page` or a `global` of its own is not a syntax error.
  defineProperty(globalThis, "global", bare({ value: app, enumerable: true, writable: true, configurable: true }));
  defineProperty(globalThis, "page", bare({ value: page, enumerable: true, writable: true, configurable: true }));
  defineProperty(globalThis, "Page", bare({ value: registerPage, enumerable: true, writable: true, configurable: true }));
  constant(globalThis, "__guichet", freeze(bare({ receive })), false);
})();
