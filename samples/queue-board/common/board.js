// The numbers that are called, drawn as they come, and asked for again and again.

import { say } from "./words.js";

const OFTEN_MS = 15_000;

/** Draws the windows of the state into a list, and says whether there are any. */
export function draw({ windows = [] }, list, none) {
  list.replaceChildren(...windows.map(({ window, number }) => {
    const [item, which, called] = ["li", "span", "b"].map((name) => document.createElement(name));
    which.textContent = say("board.window", { window });
    called.textContent = number;
    item.append(which, called);
    return item;
  }));
  none.hidden = windows.length > 0;
}

/** Asks the hall now and then, and says if it does not answer. */
export async function follow(told) {
  const { failure } = await guichet.logic.call("look");
  told.textContent = failure ? say("board.failed") : "";
  setTimeout(follow, OFTEN_MS, told);
}
