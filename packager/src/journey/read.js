// Whether a text can be read on the page; or heard, which leaves out what is kept from a reader and adds names that are not shown.
const [text, hears] = arguments;
const plain = (text) => text.replace(/\s+/gu, " ");
const wanted = plain(text);
if (!hears) return plain(document.body.innerText).includes(wanted);
const isHeard = (element) => element.checkVisibility({ visibilityProperty: true }) && !element.closest("[aria-hidden=true], [inert]");
const heard = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) if (isHeard(walker.currentNode.parentElement)) heard.push(walker.currentNode.data);
const named = [...document.querySelectorAll("[aria-label], img[alt]")].filter(isHeard).map((element) => element.getAttribute("aria-label") ?? element.alt);
return [heard.join(""), heard.join(" "), ...named].some((said) => plain(said).includes(wanted));
