// Notes what a person does with a page, in words that a journey finds again, while `guichet dev` records one. In the world of
// the channel: no page reaches it.
(() => {
  const { ipc } = webkit.messageHandlers;
  const MOST_WAITING = 100, MOST_LINES = 400, LONGEST_LINE = 200, QUIET_MS = 100;
  const CONTROLS = "input, select, textarea, [contenteditable=true]";
  const THINGS = `button, a[href], summary, label, option, [role=button], [role=link], [role=tab], [role=checkbox], [role=radio], [role=switch], ${CONTROLS}`;
  const BOXES = "li, tr, article, section, fieldset, dialog, details, form, [role=listitem], [role=row], [role=group], [role=dialog]";
  const PERSONAL = /^(name|given-name|additional-name|family-name|nickname|username|email|tel.*|street-address|address-.*|postal-code|bday.*|cc-.*|new-password|current-password|one-time-code)$/u;

  // ---- the channel ----------------------------------------------------------------------------------------------

  let isOn = false, waiting = [], last = "", timer = 0;
  const send = (note) => ipc.postMessage(`{"note":${JSON.stringify(note)}}`);
  const say = (note) => {
    if (isOn) send(note);
    else if (waiting.length < MOST_WAITING) waiting.push(note);
  };

  // ---- what a page shows ----------------------------------------------------------------------------------------

  const plain = (text) => (text ?? "").replace(/\s+/gu, " ").trim();
  const isThere = (element) => {
    const box = element.getBoundingClientRect();
    return box.width > 0 && box.height > 0 && getComputedStyle(element).visibility === "visible";
  };
  const shown = (selector) => [...document.querySelectorAll(selector)].filter(isThere).map((element) => plain(element.innerText)).filter(Boolean).slice(0, 20);
  const look = () => ({
    headings: shown("h1, h2, h3, [role=heading]"),
    said: shown("[role=status], [role=alert], [role=log], [aria-live], output"),
    personal: shown("[data-personal]:not([data-personal=false])"),
    lines: (document.body?.innerText ?? "").split("\n").map(plain).filter(Boolean).slice(0, MOST_LINES).map((line) => line.slice(0, LONGEST_LINE)),
  });
  const tell = () => {
    const now = look(), text = JSON.stringify(now);
    if (text === last) return;
    last = text;
    send({ look: now });
  };

  // ---- how a thing is found again: the rules are those of the journey's own search ---------------------------------

  const apart = (label) => {
    const copy = label.cloneNode(true);
    copy.querySelectorAll("select, textarea, button").forEach((control) => control.remove());
    return plain(copy.textContent);
  };
  const labelled = (element) => [...(element.labels ?? [])].flatMap((label) => [apart(label), plain(label.innerText)]);
  const given = (element) => {
    const by = (element.getAttribute("aria-labelledby") ?? "").split(/\s+/u).map((id) => plain(document.getElementById(id)?.innerText));
    return plain(by.join(" ")) || plain(element.getAttribute("aria-label"));
  };
  const isButton = (element) => ["button", "submit", "reset"].includes(element.type);
  const names = (element) => [
    given(element), ...labelled(element), plain(element.innerText), plain(element.placeholder), plain(element.title),
    ...[...element.querySelectorAll("img[alt]")].map((image) => plain(image.alt)),
    ...(isButton(element) ? [plain(element.value)] : []),
  ].filter(Boolean);
  // The smallest box around an element in which a text stands; none: as large as can be.
  const roomFor = (element, text) => {
    let box = element.closest(BOXES);
    while (box && !plain(box.innerText).includes(text)) box = box.parentElement?.closest(BOXES);
    return box ? box.innerText.length : Infinity;
  };
  const place = (element, types) => {
    const isIt = (found) => found === element || found?.control === element;
    for (const name of names(element)) {
      const all = [...document.querySelectorAll(types ? CONTROLS : THINGS)].filter((one) => isThere(one) && names(one).includes(name));
      if (isIt(all[0])) return { name };
      for (let box = element.closest(BOXES); box; box = box.parentElement?.closest(BOXES)) {
        const title = box.querySelector("h1, h2, h3, h4, h5, h6, legend, th, strong, b");
        for (const text of [plain(title?.innerText), plain(box.innerText.split("\n")[0])].filter((text) => text && text !== name)) {
          const rooms = all.map((one) => roomFor(one, text));
          if (isIt(all[rooms.indexOf(Math.min(...rooms))])) return { name, within: text };
        }
      }
    }
    return element.id ? { name: `#${CSS.escape(element.id)}` } : {};
  };

  // ---- what a person does ---------------------------------------------------------------------------------------

  const NO_TEXT = new Set(["checkbox", "radio", "button", "submit", "reset", "image", "file", "range", "color", "hidden"]);
  const isText = (element) => element instanceof HTMLTextAreaElement || element.isContentEditable || (element instanceof HTMLInputElement && !NO_TEXT.has(element.type));
  const valueOf = (element) => (element.isContentEditable ? element.innerText : element.value);
  const personal = (element) => {
    const said = element.closest("[data-personal]")?.dataset.personal;
    if (said !== undefined) return said !== "false";
    return ["password", "email", "tel"].includes(element.type) || (element.getAttribute("autocomplete") ?? "").split(/\s+/u).some((word) => PERSONAL.test(word));
  };
  const did = (what) => say({ did: what, look: look() });
  const touched = new WeakMap();
  let entered = 0;

  const typed = (element) => {
    const value = valueOf(element);
    if (!touched.has(element) || touched.get(element) === value) return;
    touched.set(element, value);
    did({ do: "type", ...place(element, true), text: value, kind_of_field: element.inputMode === "numeric" ? "number" : element.type ?? "text", field: element.name || element.id || "", personal: personal(element) });
  };

  const seen = {
    input(target) {
      if (isText(target) && !touched.has(target)) touched.set(target, null);
    },
    change(target) {
      if (isText(target)) {
        if (!touched.has(target)) touched.set(target, null);
        typed(target);
      } else if (target instanceof HTMLSelectElement) {
        did({ do: "choose", ...place(target, true), text: plain(target.selectedOptions[0]?.label), field: target.name || target.id || "", personal: personal(target) });
      } else if (["file", "range", "color"].includes(target.type)) {
        did({ do: "lost", text: `input type=${target.type}` });
      }
    },
    focusout(target) {
      if (target.isContentEditable) typed(target);
    },
    keydown(target, event) {
      if (event.isComposing) return;
      if (event.key === "Escape") did({ do: "press", text: "Escape" });
      if (event.key !== "Enter" || !(target instanceof HTMLInputElement) || !isText(target)) return;
      typed(target);
      entered = performance.now();
      did({ do: "press", text: "Enter" });
    },
    click(target, event) {
      const { control } = target.closest("label") ?? {};
      // A label passes its click on; Enter in a field clicks on the button that sends.
      if (control && control !== target && !control.contains(target) && !target.closest("a[href], button")) return;
      if (event.detail === 0 && performance.now() - entered < 50) return;
      const thing = target.closest(THINGS);
      if (!thing) {
        if (getComputedStyle(target).cursor === "pointer") did({ do: "lost", text: `<${target.localName}> ${plain(target.innerText).slice(0, 40)}` });
        return;
      }
      if (isText(thing) || thing instanceof HTMLSelectElement || thing instanceof HTMLOptionElement || ["file", "range", "color"].includes(thing.type)) return;
      const found = place(thing, false);
      did(found.name ? { do: "tap", ...found } : { do: "lost", text: `<${thing.localName}>` });
    },
  };

  for (const name of Object.keys(seen)) {
    addEventListener(name, (event) => {
      const target = event.composedPath()[0];
      if (event.isTrusted && target instanceof Element) seen[name](target, event);
    }, true);
  }

  new MutationObserver(() => {
    clearTimeout(timer);
    if (isOn) timer = setTimeout(tell, QUIET_MS);
  }).observe(document, { subtree: true, childList: true, attributes: true, characterData: true });

  // The host asks: `on` while it records, `end` when nothing more will be done.
  addEventListener("guichet-note", ({ detail }) => {
    if (!isOn) {
      isOn = true;
      for (const note of waiting) send(note);
      waiting = [];
    }
    if (detail === "end" && document.activeElement instanceof Element && isText(document.activeElement)) typed(document.activeElement);
    tell();
    if (detail === "end") send({ end: true });
  }, true);
})();
