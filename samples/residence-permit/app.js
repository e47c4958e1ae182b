// The logic of the residence permit service. Pages call the named exports: await guichet.logic.call("check", {…}).

import { problemsOf, tidied, STEPS } from "./lib/checks.js";
import { today } from "./lib/dates.js";
import * as identity from "./lib/identity.js";
import { Records } from "./lib/records.js";

const records = new Records(guichet.storage);

export default {
  async launched() {
    guichet.page.update({ overview: await overview() });
  },
};

/**
 * What the home page shows: the draft, if there is one, and past applications, the newest first. `kept` is false if nothing
 * can be kept on this terminal, because the person or the device does not allow it.
 */
export async function overview() {
  let kept;
  try {
    kept = await Promise.all([records.draft(), records.all()]);
  } catch (failure) {
    console.warn(failure);
    return { kept: false, draft: null, applications: [] };
  }
  const [draft, applications] = kept;
  return {
    kept: true,
    draft: draft && { step: draft.step, steps: STEPS, kind: draft.fields.kind, name: draft.fields.name ?? "", saved_ms: draft.saved_ms },
    applications: applications.map(({ number, kind, status, sent_ms }) => ({ number, kind, status, sent_ms })),
  };
}

/** The draft to go on with: `{step, fields, saved_ms}`; a new one has no `saved_ms`. */
export async function draft() {
  return (await records.draft()) ?? { step: 1, fields: {}, saved_ms: null };
}

/** Keeps what has been typed so far, right or wrong. Answers `{saved_ms}`. */
export async function keepDraft({ step, fields }) {
  const saved_ms = Date.now();
  await records.keepDraft({ step: Math.min(Math.max(Math.trunc(step) || 1, 1), STEPS), fields, saved_ms });
  await tell();
  return { saved_ms };
}

/** Throws the draft away. Answers it, so that `keepDraft` can bring it back. */
export async function discardDraft() {
  const gone = await records.draft();
  await records.removeDraft();
  await tell();
  return gone;
}

/** What is not right yet on a step: `{problems: [{field, problem, …}]}`, in the order of the form. */
export function check({ step, fields }) {
  return { problems: problemsOf(step, fields, today(Date.now())) };
}

/** What an identity number says by itself (GB 11643): `{problem}` or `{number, birth}`. */
export function readIdNumber({ text }) {
  return identity.read(text, today(Date.now()));
}

/** The fields as they will be registered: dates as 2025-03-08, numbers without spaces. */
export function summary({ fields }) {
  return tidied(fields);
}

/** Registers the application: `{number}`, or `{step, problems}` for the first step that is not right. */
export async function submit({ fields }) {
  for (let step = 1; step <= STEPS; step += 1) {
    const problems = problemsOf(step, fields, today(Date.now()));
    if (problems.length > 0) return { step, problems };
  }
  const application = await records.add(tidied(fields), Date.now());
  await records.removeDraft();
  await tell();
  return { number: application.number };
}

/** One registered application, or null. */
export async function application({ number }) {
  return records.one(number);
}

/** Takes an application back; `restore` undoes it. Answers the application as it is now, or null. */
export async function withdraw({ number }) {
  return change(number, "registered", "withdrawn");
}

/** Undoes `withdraw`. */
export async function restore({ number }) {
  return change(number, "withdrawn", "registered");
}

async function change(number, from, to) {
  const changed = await records.change(number, from, to, Date.now());
  await tell();
  return changed;
}

async function tell() {
  guichet.page.update({ overview: await overview() });
}
