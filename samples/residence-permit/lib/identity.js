// Citizen identity numbers (GB 11643-1999): six digits of region, the date of birth, three of sequence, a check character.

import { isDay } from "./dates.js";

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECK = "10X98765432";

/** First two digits: provinces, municipalities and regions (GB/T 2260). */
const REGIONS = new Set([
  11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46, 50, 51, 52, 53, 54, 61, 62, 63, 64, 65, 71, 81, 82, 83, 91,
]);

/** The check character of seventeen digits (ISO 7064, MOD 11-2). */
export function checkCharacter(digits) {
  const sum = WEIGHTS.reduce((total, weight, index) => total + weight * Number(digits[index]), 0);
  return CHECK[sum % 11];
}

/** Reads what a person typed: `{number, birth}`, or `{problem}`. `today` is a day such as `2025-11-23`. */
export function read(text, today) {
  const number = String(text ?? "").normalize("NFKC").replace(/[\s-]/g, "").toUpperCase();
  if (number === "") return { problem: "id.missing" };
  if (/^\d{15}$/.test(number)) return { problem: "id.old" };
  if (!/^\d{17}[\dX]$/.test(number)) return { problem: number.length === 18 ? "id.characters" : "id.length" };
  const birth = `${number.slice(6, 10)}-${number.slice(10, 12)}-${number.slice(12, 14)}`;
  const isRight = REGIONS.has(Number(number.slice(0, 2))) && isDay(birth) && birth <= today && checkCharacter(number) === number[17];
  return isRight ? { number, birth } : { problem: "id.mismatch" };
}
