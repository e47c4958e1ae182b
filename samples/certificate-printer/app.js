// The logic of the certificate printer. Pages call the named exports: await guichet.logic.call("print", {…}).

import { certificate, problemsOf } from "./lib/certificate.js";
import { pdf } from "./lib/pdf.js";

import { expiry, holder } from "./lib/card.js";

export default {};

/** Reads a card, and waits for one: `{name}`, or `{failure}`, the class of what went wrong or `expired`. */
export async function readCard({ seconds = 30 }) {
  let connection;
  try {
    await guichet.card.waitFor("present", seconds);
    connection = await guichet.card.connect("F0475549434845540001");
    const until = await expiry(connection.number);
    if (until < new Date().toISOString().slice(0, 10)) return { failure: "expired" };
    return { name: await holder(connection.number) };
  } catch (failure) {
    return { failure: failure.class ?? "other" };
  } finally {
    if (connection) await guichet.card.disconnect(connection.number).catch(() => {});
  }
}

/** Prints a certificate: `{job}`, `{problems}` if a field is not right, or `{failure}`, the class of what went wrong. */
export async function print({ kind, name, copies = 1, words }) {
  const problems = problemsOf({ kind, name });
  if (problems.length > 0) return { problems };
  const time = new Date().toISOString().slice(0, 16).replace("T", " ");
  try {
    const text = certificate({ kind, name: name.trim() }, words, time);
    // A receipt printer takes text, and many that print on sheets take none.
    const takesText = (await guichet.print.printers()).some(({ takes }) => takes.includes("text"));
    return { job: await guichet.print.submit({ document: takesText ? text : pdf(text.split("\n")), copies }) };
  } catch (failure) {
    return { failure: failure.class ?? "other" };
  }
}

/** How far a job is: `{progress, condition}`, or `{failure}`. */
export async function follow({ job }) {
  try {
    return await guichet.print.status(job);
  } catch (failure) {
    return { failure: failure.class ?? "other" };
  }
}

/** Takes a job back. */
export async function cancel({ job }) {
  try {
    await guichet.print.cancel(job);
    return {};
  } catch (failure) {
    return { failure: failure.class ?? "other" };
  }
}
