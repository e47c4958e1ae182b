// The element that a journey means: by what stands on it, by its label, else by a CSS selector. Null if it is not there yet.
const [what, types] = arguments;
const controls = "input, select, textarea, [contenteditable=true]";
const things = `button, a[href], summary, label, option, [role=button], [role=link], [role=tab], [role=checkbox], [role=radio], ${controls}`;
const isSeen = (element) => {
  const box = element.getBoundingClientRect();
  return box.width > 0 && box.height > 0 && getComputedStyle(element).visibility === "visible";
};
const plain = (text) => (text ?? "").replace(/\s+/gu, " ").trim();
const labels = (element) => [...(element.labels ?? [])].map((label) => plain(label.innerText));
const names = (element) => [
  plain(element.getAttribute("aria-label")), plain(element.innerText), plain(element.placeholder), ...labels(element),
  ...(["button", "submit", "reset"].includes(element.type) ? [plain(element.value)] : []),
];
const meant = [...document.querySelectorAll(types ? controls : things)].filter((element) => isSeen(element) && names(element).includes(plain(what)));
if (meant.length > 0) return meant[0];
try {
  return [...document.querySelectorAll(what)].find(isSeen) ?? null;
} catch {
  return null;
}
