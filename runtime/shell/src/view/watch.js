// Sees what a person does with a page and what the page shows when it has come to rest, for a journal; and does it again
// when the journal is played. In the world of the channel: no page reaches it.
((plays, quietMs) => {
  const { ipc } = webkit.messageHandlers;
  const TOLD_NOTHING = new Set(["SCRIPT", "STYLE", "LINK", "META", "BASE", "TEMPLATE", "NOSCRIPT"]);
  const LONGEST = 3 << 20;
  let told = 0, played = 0, waiting = 0, timer = 0, last = "", labelled = null;

  const say = (what) => ipc.postMessage(`{"glass":${JSON.stringify({ ...what, told, played })}}`);

  // ---- what a page shows --------------------------------------------------------------------------------------

  const roots = new WeakSet();
  const changes = new MutationObserver(() => stir());
  const observe = (root) => {
    if (roots.has(root)) return;
    roots.add(root);
    changes.observe(root, { subtree: true, childList: true, attributes: true, characterData: true });
  };

  const isField = (element) => element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement || element instanceof HTMLSelectElement;
  const isSwitch = (element) => element instanceof HTMLInputElement && (element.type === "checkbox" || element.type === "radio");

  const children = (node, list) => {
    let text = "";
    const end = () => {
      const said = text.replace(/\s+/g, " ").trim();
      if (said !== "") list.push(said);
      text = "";
    };
    for (const child of node.childNodes) {
      if (child.nodeType === Node.TEXT_NODE) text += child.data;
      else if (child.nodeType === Node.ELEMENT_NODE && !TOLD_NOTHING.has(child.nodeName.toUpperCase())) {
        end();
        list.push(shown(child));
      }
    }
    end();
    return list;
  };

  const shown = (element) => {
    const node = { tag: element.localName }, attributes = {}, list = [];
    for (const { name, value } of element.attributes) {
      if (name === "data-personal") node.personal = true;
      else attributes[name] = value.startsWith("blob:") ? "blob:" : value;
    }
    if (Object.keys(attributes).length > 0) node.attributes = attributes;
    if (isSwitch(element)) node.now = { checked: element.checked };
    else if (isField(element)) node.now = { value: element.value };
    if (element.shadowRoot) {
      observe(element.shadowRoot);
      list.push({ tag: "#shadow-root", children: children(element.shadowRoot, []) });
    }
    children(element, list);
    if (list.length > 0) node.children = list;
    return node;
  };

  const rest = () => {
    if (waiting > 0 || document.readyState !== "complete") return stir();
    const tree = shown(document.documentElement), text = JSON.stringify(tree);
    if (text.length > LONGEST) return;
    say({ rest: text === last ? null : tree });
    last = text;
  };

  const stir = () => {
    clearTimeout(timer);
    timer = setTimeout(rest, quietMs);
  };

  // ---- what it is given ---------------------------------------------------------------------------------------

  addEventListener("guichet-message", ({ detail }) => {
    if (typeof detail === "string" && detail.includes('"id":')) waiting += 1;
    say({ heard: true });
    stir();
  }, true);
  addEventListener("guichet-told", ({ detail }) => {
    told += 1;
    if (detail === true) waiting = Math.max(0, waiting - 1);
    stir();
  }, true);

  const placeOf = (node) => {
    const place = [];
    let at = node;
    while (at && at !== document.documentElement) {
      const above = at.parentNode;
      if (!above || !above.children) return null;
      place.unshift(Array.prototype.indexOf.call(above.children, at));
      if (above instanceof ShadowRoot) {
        place.unshift("shadow");
        at = above.host;
      } else at = above;
    }
    return at ? place : null;
  };
  const find = (place) => place.reduce((at, step) => at && (step === "shadow" ? at.shadowRoot : at.children[step]), document.documentElement);

  const did = (name, target, more) => {
    const at = target instanceof Element ? placeOf(target) : null;
    if (at === null) return;
    say({ did: { do: name, at, ...more } });
    stir();
  };

  const valueOf = (target) => ({
    value: isField(target) ? target.value : target.textContent,
    name: target.getAttribute("name") || target.id || "",
    personal: target.closest("[data-personal]") !== null,
  });

  const seen = {
    click(target) {
      // A label passes its click on to its field.
      if (labelled !== null && target === labelled) {
        labelled = null;
        return;
      }
      const label = target.closest("label");
      if (label && label.control && label.control !== target) {
        labelled = label.control;
        setTimeout(() => { labelled = null; });
      }
      did("click", target);
    },
    input(target) {
      if (!isSwitch(target)) did("input", target, valueOf(target));
    },
    change(target) {
      if (!isSwitch(target)) did("change", target);
    },
    // Letters are in what was entered; here they would pass every redaction.
    keydown(target, event) {
      if (event.key.length > 1) did("key", target, { key: event.key });
    },
    focusin(target) {
      did("focus", target);
    },
    focusout(target, event) {
      if (event.relatedTarget === null && document.hasFocus()) did("blur", target);
    },
    cancel(target) {
      if (target instanceof HTMLDialogElement) did("cancel", target);
    },
  };

  for (const name of Object.keys(seen)) {
    addEventListener(name, (event) => {
      if (!event.isTrusted) return;
      const target = event.composedPath()[0];
      if (!(target instanceof Element)) return;
      if (!plays) seen[name](target, event);
      else if (!name.startsWith("focus") && event.clientX + event.clientY > 0) {
        // Whoever moves the pointer over a page that is played changes nothing.
        event.preventDefault();
        event.stopImmediatePropagation();
      }
    }, true);
  }

  // The window's own focus is no element's.
  for (const name of ["focus", "blur"]) {
    addEventListener(name, (event) => {
      if (!event.isTrusted || event.target !== globalThis) return;
      if (plays) event.stopImmediatePropagation();
      else {
        say({ did: { do: `window ${name}` } });
        stir();
      }
    }, true);
  }

  // ---- doing it again -----------------------------------------------------------------------------------------

  const happen = (target, event) => target.dispatchEvent(event);
  const bubbles = { bubbles: true, composed: true, cancelable: true };
  const leave = (element) => {
    if (document.hasFocus() || !element || element === document.body) return;
    happen(element, new FocusEvent("blur", { composed: true }));
    happen(element, new FocusEvent("focusout", bubbles));
  };

  const again = {
    click: (target) => target.click(),
    input(target, { value }) {
      if (isField(target)) target.value = value;
      else target.textContent = value;
      happen(target, new InputEvent("input", bubbles));
    },
    change: (target) => happen(target, new Event("change", { bubbles: true })),
    key: (target, { key }) => happen(target, new KeyboardEvent("keydown", { ...bubbles, key })),
    focus(target) {
      const before = document.activeElement;
      if (before === target) return;
      leave(before);
      target.focus({ preventScroll: true });
      if (document.hasFocus()) return;
      happen(target, new FocusEvent("focus", { composed: true }));
      happen(target, new FocusEvent("focusin", bubbles));
    },
    blur(target) {
      leave(target);
      target.blur();
    },
    cancel(target) {
      if (happen(target, new Event("cancel", { cancelable: true }))) target.close();
    },
  };

  if (plays) {
    addEventListener("guichet-play", ({ detail }) => {
      const deed = JSON.parse(detail);
      played += 1;
      happen(globalThis, new CustomEvent("guichet-clock", { detail: deed.clock }));
      let isLost = false;
      if (deed.do === "window focus" || deed.do === "window blur") happen(globalThis, new FocusEvent(deed.do.slice(7)));
      else if (deed.do !== "clock") {
        const target = Array.isArray(deed.at) ? find(deed.at) : null;
        if (target instanceof Element && again[deed.do]) again[deed.do](target, deed);
        else isLost = true;
      }
      say({ lost: isLost });
      stir();
    }, true);
  }

  observe(document);
  stir();
})(__GUICHET_PLAYS__, __GUICHET_QUIET__);
