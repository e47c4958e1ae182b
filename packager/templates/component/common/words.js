// The words of the app, from i18n/<language>.json. `guichet.lang` is the language of the terminal.

export const lang = guichet.lang.toLowerCase().startsWith("zh") ? "zh-Hans" : "en";

const words = await (await fetch(`../i18n/${lang}.json`)).json();

/** The words under a key such as "home.title". */
export function say(key) {
  return key.split(".").reduce((level, name) => level?.[name], words) ?? key;
}

/** A day as people say it. */
export function day(time) {
  return new Date(time).toLocaleDateString(lang, { month: "long", day: "numeric" });
}

/** Fills every element that names its words with data-say. */
export function fill(root) {
  for (const element of root.querySelectorAll("[data-say]")) {
    element.textContent = say(element.dataset.say);
  }
}

document.documentElement.lang = lang;
fill(document);
