// The words of the service, from i18n/<language>.json, in the language of the terminal.

export const lang = guichet.lang.toLowerCase().startsWith("zh") ? "zh-Hans" : "en";

const words = await (await fetch(`../i18n/${lang}.json`)).json();

/** The words under a key such as "home.title", with `{name}` filled in. */
export function say(key, values = {}) {
  const text = key.split(".").reduce((level, name) => level?.[name], words) ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** A day such as 2025-03-08 as people write it; anything else as it is. */
export function day(text) {
  const [year, month, date] = String(text).split("-").map(Number);
  if (!date) return String(text ?? "");
  if (lang === "zh-Hans") return `${year}年${month}月${date}日`;
  return new Date(Date.UTC(year, month - 1, date)).toLocaleDateString("en-GB", { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
}

/** A moment as people say it: the time today, the day before that. */
export function moment(ms) {
  const at = new Date(ms);
  const time = `${String(at.getHours()).padStart(2, "0")}:${String(at.getMinutes()).padStart(2, "0")}`;
  if (at.toDateString() === new Date().toDateString()) return time;
  return day(`${at.getFullYear()}-${at.getMonth() + 1}-${at.getDate()}`);
}

/** Fills every element that names its words with data-say, and every label that does with data-say-label. */
function fill(root) {
  for (const element of root.querySelectorAll("[data-say]")) element.textContent = say(element.dataset.say);
  for (const element of root.querySelectorAll("[data-say-label]")) element.setAttribute("aria-label", say(element.dataset.sayLabel));
}

document.documentElement.lang = lang;
document.title = say("manifest.name");
fill(document);
