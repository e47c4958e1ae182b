// A certificate as lines of text, as wide as a receipt.

/** The kinds there are. */
export const KINDS = ["residence", "household"];

/** The lines of a certificate, with the words of a language. */
export function certificate({ kind, name }, words, time) {
  const line = "-".repeat(32);
  return [words[kind], line, "", words.line.replace("{name}", name), "", words.made.replace("{time}", time), line, words.end, ""].join("\n");
}

/** What is wrong with a request: the names of fields. */
export function problemsOf({ kind, name }) {
  const problems = [];
  if (!KINDS.includes(kind)) problems.push("kind");
  if (typeof name !== "string" || name.trim() === "" || name.length > 60) problems.push("name");
  return problems;
}
