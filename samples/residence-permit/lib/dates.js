// Days, written 2025-03-08, so that comparing them is comparing text.

const CHINA_MS = 8 * 60 * 60 * 1000;
const DAY_MS = 24 * 60 * 60 * 1000;
const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/** The day it is in China at a moment. */
export function today(ms) {
  return new Date(ms + CHINA_MS).toISOString().slice(0, 10);
}

/** Whether a text such as `2025-02-29` names a day that exists. */
export function isDay(text) {
  const ms = Date.parse(`${text}T00:00:00Z`);
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && Number.isFinite(ms) && new Date(ms).toISOString().slice(0, 10) === text;
}

/** The day a person means: 2025年3月8日, 2025-3-8, 2025/03/08, 2025.3.8, 20250308, 8 March 2025; null if it is none. */
export function readDay(text) {
  const plain = String(text ?? "").normalize("NFKC").trim().toLowerCase().replace(/,/g, " ");
  const found =
    parts(/^(\d{4})\s*年\s*(\d{1,2})\s*月\s*(\d{1,2})\s*[日号]?$/, plain, [1, 2, 3]) ??
    parts(/^(\d{4})\s*[-/. ]\s*(\d{1,2})\s*[-/. ]\s*(\d{1,2})$/, plain, [1, 2, 3]) ??
    parts(/^(\d{4})(\d{2})(\d{2})$/, plain, [1, 2, 3]) ??
    parts(/^(\d{1,2})\s+([a-z]{3,9})\.?\s+(\d{4})$/, plain, [3, 2, 1]) ??
    parts(/^([a-z]{3,9})\.?\s+(\d{1,2})\s+(\d{4})$/, plain, [3, 1, 2]);
  return found && isDay(found) ? found : null;
}

function parts(pattern, text, order) {
  const match = pattern.exec(text);
  if (!match) return null;
  const [year, month, day] = order.map((index) => match[index]);
  const number = /^\d+$/.test(month) ? Number(month) : MONTHS.findIndex((name) => month.startsWith(name)) + 1;
  return `${year}-${String(number).padStart(2, "0")}-${day.padStart(2, "0")}`;
}

/** The same day some months later; the last day of a shorter month if need be. */
export function monthsLater(day, months) {
  const [year, month, date] = day.split("-").map(Number);
  const first = new Date(Date.UTC(year, month - 1 + months, 1));
  const last = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)).getUTCDate();
  first.setUTCDate(Math.min(date, last));
  return first.toISOString().slice(0, 10);
}

/** Some days later, or earlier. */
export function daysLater(day, days) {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}
