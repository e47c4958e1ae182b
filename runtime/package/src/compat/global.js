// `global.getGlobalState(launched, shown, hidden, error)`, and `{success, fail, complete}` as older drivers write it.
const NAMES = ["launched", "shown", "hidden", "error"];
const registered = [];
let state = "launched";
let input = { pagePath: "", referrerInfo: null, lang: "", dir: __DIR__ };

const tell = (callback, value) => {
  if (typeof callback === "function") callback(value);
};

function getGlobalState(...callbacks) {
  const [options] = callbacks;
  const isOptions = options !== null && typeof options === "object";
  registered.push(isOptions ? { launched: () => { tell(options.success, { state, ...input }); tell(options.complete, { state, ...input }); } }
    : Object.fromEntries(NAMES.map((name, at) => [name, callbacks[at]])));
  return state;
}

/** What happens to the app, told to whoever has asked. */
export function hear(name, event) {
  if (name === "launched") input = { ...input, pagePath: event.route, lang: event.lang };
  if (name !== "error") state = name;
  const value = name === "error" ? { errorDescription: event?.message ?? "", lang: input.lang, dir: input.dir } : { ...input };
  for (const callbacks of registered) tell(callbacks[name], value);
}

const given = globalThis.global;
const global = given !== null && typeof given === "object" && Object.isExtensible(given) ? given : {};
Object.defineProperty(global, "getGlobalState", { value: getGlobalState, writable: true, configurable: true });
if (global !== given) globalThis.global = global;
