// What each step of the form asks, and what is not right yet. A problem is a field, a key of i18n/*.json under `problem`, and
// sometimes the day that matters.

import { daysLater, monthsLater, readDay } from "./dates.js";
import * as identity from "./identity.js";

/** Identity, address, materials, confirmation. */
export const STEPS = 4;

const KINDS = ["new", "renew"];
const HOUSING = ["rent", "own", "employer"];
const PROOFS = ["lease", "deed", "letter"];
const HALLS = ["riverside", "oldbridge", "station"];

/** A permit can be renewed from this many days before it expires. */
const RENEW_DAYS = 30;
/** A first permit needs this many months of residence. */
const RESIDENCE_MONTHS = 6;
/** From this age a person applies without a guardian. */
const OWN_YEARS = 16;

/** What is not right yet on a step, in the order of the form. */
export function problemsOf(step, fields, today) {
  const problems = [];
  const say = (field, problem, more) => problems.push({ field, problem, ...more });
  [identityStep, addressStep, materialStep, confirmStep][step - 1]?.(fields ?? {}, today, say);
  return problems;
}

function identityStep(fields, today, say) {
  if (!KINDS.includes(fields.kind)) say("kind", "kind.missing");
  if (fields.kind === "renew") checkExpiry(fields, today, say);
  const name = plain(fields.name);
  if (name === "") say("name", "name.missing");
  else if ([...name].length < 2) say("name", "name.short");
  else if (/[\d<>@#]/.test(name) || [...name].length > 50) say("name", "name.characters");
  const read = identity.read(fields.id_number, today);
  if (read.problem) say("id-number", read.problem);
  else if (monthsLater(read.birth, OWN_YEARS * 12) > today) say("id-number", "id.young");
  const phone = phoneOf(fields.phone);
  if (phone === "") say("phone", "phone.missing");
  else if (!/^1[3-9]\d{9}$/.test(phone)) say("phone", "phone.shape");
}

function checkExpiry(fields, today, say) {
  if (plain(fields.expires) === "") return say("expires", "expires.missing");
  const expires = readDay(fields.expires);
  if (!expires) return say("expires", "date.unreadable");
  const from = daysLater(expires, -RENEW_DAYS);
  if (from > today) return say("expires", "expires.early", { day: from });
  if (monthsLater(expires, 12) < today) say("expires", "expires.late");
}

function addressStep(fields, today, say) {
  if (plain(fields.street) === "") say("street", "street.missing");
  if (plain(fields.door) === "") say("door", "door.missing");
  else if (!/[\p{Nd}一二三四五六七八九十]/u.test(fields.door.normalize("NFKC"))) say("door", "door.number");
  if (!HOUSING.includes(fields.housing)) say("housing", "housing.missing");
  if (plain(fields.move_in) === "") return say("move-in", "move_in.missing");
  const moveIn = readDay(fields.move_in);
  if (!moveIn) return say("move-in", "date.unreadable");
  if (moveIn > today) return say("move-in", "move_in.future");
  const from = monthsLater(moveIn, RESIDENCE_MONTHS);
  if (fields.kind === "new" && from > today) say("move-in", "move_in.recent", { day: from });
}

function materialStep(fields, today, say) {
  if (!PROOFS.includes(fields.proof)) say("proof", "proof.missing");
  if (plain(fields.proof_date) === "") {
    say("proof-date", "proof_date.missing");
  } else {
    const date = readDay(fields.proof_date);
    if (!date) say("proof-date", "date.unreadable");
    else if (date > today) say("proof-date", "proof_date.future");
    else if (fields.proof === "letter" && monthsLater(date, 3) < today) say("proof-date", "proof_date.old");
  }
  if (!HALLS.includes(fields.hall)) say("hall", "hall.missing");
}

function confirmStep(fields, _today, say) {
  if (fields.agree !== true) say("agree", "agree.missing");
}

/** The fields as they are registered; what is not asked for is left out. */
export function tidied(fields) {
  const { kind, housing, proof, hall } = fields;
  const expires = kind === "renew" ? { expires: dayOf(fields.expires) } : {};
  return {
    kind, ...expires, name: plain(fields.name), id_number: plain(fields.id_number).replace(/[\s-]/g, "").toUpperCase(), phone: phoneOf(fields.phone),
    street: plain(fields.street), door: plain(fields.door), housing, move_in: dayOf(fields.move_in), proof, proof_date: dayOf(fields.proof_date), hall,
  };
}

function plain(text) {
  return String(text ?? "").normalize("NFKC").trim().replace(/\s+/g, " ");
}

function phoneOf(text) {
  return plain(text).replace(/[\s-]/g, "").replace(/^\+?86(?=1\d{10}$)/, "");
}

/** The day if it can be read, else what was typed: a summary shows both. */
function dayOf(text) {
  return readDay(text) ?? plain(text);
}
