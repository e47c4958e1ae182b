// The logic: it lives as long as the app, whatever page is open, and has no DOM. What it exports, a page calls with
// `await guichet.logic.call("number", { street })`.

/** A number that a person can read out: the day and a letter of the street. */
export const number = ({ street }) => {
  const day = new Date(Date.now()).toISOString().slice(0, 10).replaceAll("-", "");
  const letter = String.fromCharCode(65 + ([...street].reduce((sum, letter) => sum + letter.codePointAt(0), 0) % 26));
  return `${day}-${letter}`;
};

export default {};
