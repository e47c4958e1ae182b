// What the hall says, and where a number stands in it.

/** Numbers are a letter for the kind of business and three digits: A012. */
const NUMBER = /^[A-Z]\d{3}$/;

/** The windows of a board, as far as they are right. */
export function read(board) {
  const windows = Array.isArray(board?.windows) ? board.windows : [];
  return windows.filter(({ window, number }) => Number.isInteger(window) && NUMBER.test(number)).map(({ window, number }) => ({ window, number })).slice(0, 20);
}

/** How many of the same kind are before a number; nothing if none of them is called. */
export function before(windows, mine) {
  const kind = windows.map(({ number }) => number).filter((number) => number[0] === mine[0]).map((number) => Number(number.slice(1)));
  return kind.length === 0 ? undefined : Math.max(0, Number(mine.slice(1)) - Math.max(...kind));
}
