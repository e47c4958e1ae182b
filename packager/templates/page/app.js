// The logic of the app. It lives from "launched" to "unloaded", sees no page, and keeps what must last.
// Every named export is a handler that a page may call: await guichet.logic.call("send", report).

const KINDS = ["light", "road", "litter", "other"];

export default {
  async launched() {
    guichet.page.update({ reports: await reports() });
  },
};

/** The reports of this person, newest first. */
export async function reports() {
  return JSON.parse(String((await guichet.storage.get("reports")) ?? "[]"));
}

/** Keeps a report, or says which fields are not right yet. */
export async function send({ kind, place, note }) {
  const problems = check({ kind, place, note });
  if (Object.keys(problems).length > 0) {
    return { problems };
  }
  const known = await reports();
  const number = known.reduce((most, report) => Math.max(most, report.number), 0) + 1;
  await keep([{ number, kind, place: place.trim(), note: note.trim(), at: Date.now() }, ...known]);
  await guichet.storage.remove("draft");
  return { number };
}

/** Takes a report back; the answer is what `put_back` needs to undo it. */
export async function withdraw({ number }) {
  const known = await reports();
  await keep(known.filter((report) => report.number !== number));
  return known.find((report) => report.number === number) ?? null;
}

/** Undoes `withdraw`. */
export async function put_back(report) {
  const others = (await reports()).filter((known) => known.number !== report.number);
  await keep([...others, report].sort((a, b) => b.number - a.number));
}

/** What was typed and not sent yet. */
export async function draft() {
  return JSON.parse(String((await guichet.storage.get("draft")) ?? "null"));
}

/** Keeps what has been typed so far. */
export async function keep_draft(fields) {
  await guichet.storage.set("draft", JSON.stringify(fields));
}

async function keep(list) {
  await guichet.storage.set("reports", JSON.stringify(list));
  guichet.page.update({ reports: list });
}

function check({ kind, place, note }) {
  const problems = {};
  if (!KINDS.includes(kind)) problems.kind = "problem.kind";
  if (place.trim() === "") problems.place = "problem.place";
  if (note.length > 500) problems.note = "problem.note";
  return problems;
}
