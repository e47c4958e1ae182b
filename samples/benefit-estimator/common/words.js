// The words of the service, from i18n/<language>.json, in the language of the terminal.

export const lang = guichet.lang.toLowerCase().startsWith("zh") ? "zh-Hans" : "en";

const words = await (await fetch(`../i18n/${lang}.json`)).json();

/** The words under a key such as "home.title", with `{name}` filled in. */
export function say(key, values = {}) {
  const text = key.split(".").reduce((level, name) => level?.[name], words) ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

const figures = new Intl.NumberFormat(lang === "en" ? "en" : "zh-Hans-CN");

/** An amount of whole yuan, such as 3,764. */
export function yuan(amount) {
  return say("yuan", { amount: figures.format(amount) });
}

/** Fills every element that names its words with data-say, and every label that does with data-say-label. */
function fill(root) {
  for (const element of root.querySelectorAll("[data-say]")) element.textContent = say(element.dataset.say);
  for (const element of root.querySelectorAll("[data-say-label]")) element.setAttribute("aria-label", say(element.dataset.sayLabel));
}

document.documentElement.lang = lang;
document.title = say("manifest.name");
fill(document);
