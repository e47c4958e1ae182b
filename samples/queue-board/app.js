// The logic of the queue board. Pages call the named exports: await guichet.logic.call("watch", {…}).

import { before, read } from "./lib/board.js";

/** Where the hall says which numbers are called. */
const HALL = "https://queue.gov.example/board";
/** So many people before one is when one should come. */
const NEAR = 3;

let mine;
let words;
/** What was said already: `near`, then `called`. */
let said = new Set();

export default {};

/** Which number is one's own, and the words for it: `{number}` and `{window}` are filled in. */
export function watch({ number, texts }) {
  [mine, words, said] = [number, texts, new Set()];
  guichet.page.update({ mine: number });
}

/** Asks the hall: `{}`, or `{failure}`, the class of what went wrong; the last board stays. */
export async function look() {
  try {
    const { status, body } = await guichet.network.fetch({ method: "GET", url: HALL, headers: [] });
    return status === 200 ? await arrived({ board: JSON.parse(/** @type {string} */ (body)) }) : { failure: "refused" };
  } catch (failure) {
    return { failure: failure.class ?? "other" };
  }
}

/** What the hall says: `{windows: [{window, number}]}`. Brings `{before}` if one's own number waits. */
export async function arrived({ board }) {
  const windows = read(board);
  guichet.page.update({ windows });
  if (mine === undefined) return {};
  const called = windows.find(({ number }) => number === mine);
  const waiting = before(windows, mine);
  if (called) {
    await tell("called", { number: mine, window: called.window });
  } else if (waiting !== undefined && waiting <= NEAR) {
    await tell("near", { number: mine, before: waiting });
  }
  return called ? { window: called.window } : { before: waiting };
}

/** Says a thing once, on the desktop and aloud; where there is neither, the page says it. */
async function tell(what, values) {
  if (said.has(what)) return;
  said.add(what);
  const text = words[what].replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
  const ways = [guichet.notify.show(text)];
  if (what === "called") ways.push(guichet.speech.say(text, guichet.lang, 80));
  const failed = (await Promise.allSettled(ways)).filter(({ status }) => status === "rejected");
  guichet.page.update({ told: text, quiet: failed.length === ways.length });
}
