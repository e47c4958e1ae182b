// The logic of the certificate printer. Pages call the named exports: await guichet.logic.call("print", {…}).

import { certificate, problemsOf } from "./lib/certificate.js";

export default {};

/** Prints a certificate: `{job}`, `{problems}` if a field is not right, or `{failure}`, the class of what went wrong. */
export async function print({ kind, name, copies = 1, words }) {
  const problems = problemsOf({ kind, name });
  if (problems.length > 0) return { problems };
  const time = new Date().toISOString().slice(0, 16).replace("T", " ");
  try {
    return { job: await guichet.print.submit({ document: certificate({ kind, name: name.trim() }, words, time), copies }) };
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
