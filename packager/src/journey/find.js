// The element that a journey means: by what stands on it, by its label, else by a CSS selector. Null if it is not there yet.
// Whoever hears the page knows names only, of what is not kept from a reader. What is recorded keeps to the same rules.
const [what, types, hears, within] = arguments;
const controls = "input, select, textarea, [contenteditable=true]";
const things = `button, a[href], summary, ${hears ? "" : "label, "}option, [role=button], [role=link], [role=tab], [role=checkbox], [role=radio], [role=switch], ${controls}`;
const boxes = "li, tr, article, section, fieldset, dialog, details, form, [role=listitem], [role=row], [role=group], [role=dialog]";
const isThere = (element) => {
  const box = element.getBoundingClientRect();
  if (hears && element.closest("[aria-hidden=true], [inert]")) return false;
  return box.width > 0 && box.height > 0 && getComputedStyle(element).visibility === "visible";
};
const plain = (text) => (text ?? "").replace(/\s+/gu, " ").trim();
// What a label says apart from what can be chosen in it.
const apart = (label) => {
  const copy = label.cloneNode(true);
  copy.querySelectorAll("select, textarea, button").forEach((control) => control.remove());
  return plain(copy.textContent);
};
const labels = (element) => [...(element.labels ?? [])].flatMap((label) => [apart(label), plain(label.innerText)]);
const given = (element) => {
  const by = (element.getAttribute("aria-labelledby") ?? "").split(/\s+/u).map((id) => plain(document.getElementById(id)?.innerText));
  return plain(by.join(" ")) || plain(element.getAttribute("aria-label"));
};
const names = (element) => {
  const own = given(element);
  if (hears && own) return [own];
  return [
    own, ...labels(element), plain(element.innerText), plain(element.placeholder), plain(element.title),
    ...[...element.querySelectorAll("img[alt]")].map((image) => plain(image.alt)),
    ...(["button", "submit", "reset"].includes(element.type) ? [plain(element.value)] : []),
  ];
};
// How large the smallest box around an element is in which a text stands.
const room = (element) => {
  let box = element.closest(boxes);
  while (box && !plain(box.innerText).includes(plain(within))) box = box.parentElement?.closest(boxes);
  return box ? box.innerText.length : Infinity;
};
const meant = [...document.querySelectorAll(types ? controls : things)].filter((element) => isThere(element) && names(element).includes(plain(what)));
if (within !== null) {
  const rooms = meant.map(room), smallest = Math.min(...rooms);
  return smallest === Infinity ? null : meant[rooms.indexOf(smallest)];
}
if (meant.length > 0) return meant[0];
if (hears) return null;
try {
  return [...document.querySelectorAll(what)].find(isThere) ?? null;
} catch {
  return null;
}
