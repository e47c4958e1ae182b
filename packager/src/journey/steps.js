// What a journey may do. A step is handed to the runner, and its answer goes on with the journey; nothing else is reached.

const journeys = [];
let file = "";
let asked;
let waiting;
let early;

// What comes before the runner has asked for it, waits.
const hear = () => new Promise((resolve) => {
  if (early) resolve(early);
  else waiting = resolve;
  early = undefined;
});
const tell = (value) => {
  if (waiting) waiting(value);
  else early = value;
  waiting = undefined;
};

const step = (kind, input) => {
  const error = new Error();
  if (asked) throw new Error(`\`${kind}\` was begun before \`${asked.kind}\` had ended: an await is missing`);
  return new Promise((resolve, reject) => {
    asked = { kind, resolve, reject, error };
    tell({ step: kind, ...input });
  });
};

const within = (options) => options?.in ?? null;

const app = Object.freeze({
  open: (page) => step("open", { page }),
  tap: (what, options) => step("tap", { what, within: within(options) }),
  type: (what, text, options) => step("type", { what, text: String(text), within: within(options) }),
  choose: (what, option, options) => step("choose", { what, text: String(option), within: within(options) }),
  press: (key) => step("press", { key }),
  back: () => step("back", {}),
  see: (text) => step("see", { text }),
  gone: (text) => step("gone", { text }),
  picture: (name) => step("picture", { name }),
  axe: (without = []) => step("axe", { without }),
  call: (name, input = null) => step("call", { name, input }),
  state: () => step("state", {}),
});

const sorted = (value) => {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.keys(value).sort().map((name) => [name, sorted(value[name])]));
};
const shown = (value) => JSON.stringify(sorted(value)) ?? String(value);

const at = (error) => /(tests\/[^\s:)]+:\d+)/.exec(error?.stack ?? "")?.[1] ?? null;
const failed = (error) => ({
  failed: { message: error instanceof Error ? error.message : String(error), where: at(error) },
});

globalThis.journey = (name, options, run) => {
  if (typeof options === "function") [options, run] = [{}, options];
  if (typeof name !== "string" || typeof run !== "function") {
    throw new TypeError('a journey is written journey("what is seen", async (app) => { … })');
  }
  const { permissions = null, profiles = null, lang = null, devices = {} } = options;
  journeys.push({ name, file, permissions, profiles, lang, devices, run });
};

globalThis.equal = (got, expected) => {
  if (shown(got) !== shown(expected)) throw new Error(`${shown(got)} is not ${shown(expected)}`);
};

globalThis.rejects = async (promise, name) => {
  // Its place is known now, and no longer after the first await.
  const wrong = new Error();
  const error = await promise.then(() => null, (error) => error);
  if (!error) wrong.message = `it was done, and ${name ?? "an error"} was expected`;
  else if (name && error.name !== name) wrong.message = `${error.name} (${error.message}) is not ${name}`;
  else return error;
  throw wrong;
};

export const begins = (path) => { file = path; };

export const list = () => journeys.map(({ run, ...journey }) => journey);

export const begin = ({ index }) => {
  asked = early = undefined;
  const answer = hear();
  const over = () => asked
    ? { failed: { message: `it ended before \`${asked.kind}\` had: an await is missing`, where: at(asked.error) } }
    : { done: true };
  (async () => journeys[index].run(app))().then(() => tell(over()), (error) => tell(failed(error)));
  return answer;
};

export const next = ({ ok, error }) => {
  const { resolve, reject, error: began } = asked;
  asked = undefined;
  const answer = hear();
  if (error) reject(Object.assign(began, { name: error.name, message: error.message }));
  else resolve(ok);
  return answer;
};
