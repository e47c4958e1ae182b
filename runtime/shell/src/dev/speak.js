(() => {
  // What a reader would say of the page, in its order: an outline by role and name, and where the focus is.
  const ROLES = { A: "link", BUTTON: "button", SELECT: "combobox", TEXTAREA: "textbox", IMG: "image", NAV: "navigation", MAIN: "main", HEADER: "banner", FOOTER: "contentinfo", ASIDE: "complementary", FORM: "form", UL: "list", OL: "list", TABLE: "table", DIALOG: "dialog" };
  const INPUTS = { checkbox: "checkbox", radio: "radio", range: "slider", button: "button", submit: "button", reset: "button", number: "spinbutton", search: "searchbox" };
  const role = (e) => e.getAttribute("role") || (/^H[1-6]$/.test(e.tagName) ? `heading ${e.tagName[1]}` : e.tagName === "INPUT" ? INPUTS[e.type] ?? "textbox" : ROLES[e.tagName] ?? "");
  const text = (e) => (e?.innerText ?? e?.textContent ?? "").replace(/\s+/g, " ").trim();
  const name = (e) => {
    const by = e.getAttribute("aria-labelledby");
    if (by) return by.split(/\s+/).map((id) => text(document.getElementById(id))).join(" ").trim();
    if (e.getAttribute("aria-label")) return e.getAttribute("aria-label");
    if (e.labels?.length) return [...e.labels].map(text).join(" ");
    if (e.tagName === "IMG") return e.alt;
    if (/^(button|link|heading|tab|menuitem|option|checkbox|radio|switch)/.test(role(e)) && !e.matches("input")) return text(e) || e.title;
    return e.title || e.placeholder || (/^(button|submit|reset)$/.test(e.type) ? e.value : "");
  };
  const heard = (e) => !e.closest("[aria-hidden=true], [hidden], [inert]") && e.checkVisibility?.() !== false;
  const states = (e) => [e.required && "required", e.disabled && "disabled", e.checked && "checked", e.getAttribute("aria-expanded") && `expanded ${e.getAttribute("aria-expanded")}`, e.getAttribute("aria-invalid") === "true" && "invalid"].filter(Boolean);
  const outline = [];
  for (const e of document.querySelectorAll("h1,h2,h3,h4,h5,h6,a[href],button,input:not([type=hidden]),select,textarea,img,nav,main,header,footer,aside,[role],dialog[open]")) {
    if (outline.length >= 300 || !heard(e)) continue;
    const isInteractive = e.matches("a[href],button,input,select,textarea,[tabindex]");
    const named = name(e);
    if (!role(e) || (e.matches("header,footer,aside,img") && !named && !e.matches("img:not([alt])"))) continue;
    outline.push({ role: role(e), name: named, states: states(e), focused: e === document.activeElement, nameless: (isInteractive && !named) || e.matches("img:not([alt])") });
  }
  return { title: document.title, lang: document.documentElement.lang, outline };
})()
