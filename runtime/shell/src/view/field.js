// Tells a kiosk which keys the focused field wants, so that the terminal's own keyboard can come. Only real fields count: what
// merely looks like one has its keys drawn by its page. Runs in a world of its own, where no page can call or change it.
(() => {
  const { ipc } = webkit.messageHandlers;
  const NO_KEYS = new Set(["button", "checkbox", "color", "file", "hidden", "image", "radio", "range", "reset", "submit"]);
  const NUMBERS = new Set(["date", "datetime-local", "month", "number", "tel", "time", "week"]);
  const MODES = { numeric: "number", decimal: "number", tel: "number", text: "latin", search: "latin", email: "latin", url: "latin", none: null };
  const ID = "11010519491231002X"; // an example, from GB 11643
  let told = null;

  /** Whether a field takes numbers of identity cards, and not just anything. */
  function takesIds(pattern) {
    try {
      const whole = new RegExp(`^(?:${pattern})$`, "u");
      return whole.test(ID) && !whole.test(ID.replace("1", "A"));
    } catch {
      return false;
    }
  }

  function keysOf(element) {
    if (!element || element.disabled || element.readOnly) return null;
    const mode = element.getAttribute?.("inputmode")?.toLowerCase();
    if (element instanceof HTMLInputElement) {
      if (NO_KEYS.has(element.type)) return null;
      if (element.pattern && takesIds(element.pattern)) return "id";
      if (Object.hasOwn(MODES, mode ?? "")) return MODES[mode];
      return NUMBERS.has(element.type) ? "number" : "latin";
    }
    if (!(element instanceof HTMLTextAreaElement) && !element.isContentEditable) return null;
    return Object.hasOwn(MODES, mode ?? "") ? MODES[mode] : "latin";
  }

  function focused() {
    let element = document.activeElement;
    while (element?.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
    return element;
  }

  /** `again`: a touch on the field brings back a keyboard that was put away. */
  function tell(again) {
    const keys = document.hasFocus() ? keysOf(focused()) : told;
    if (keys === told && !(again && keys)) return;
    told = keys;
    ipc.postMessage(JSON.stringify({ field: keys }));
  }

  addEventListener("focusin", () => tell(false), true);
  addEventListener("focusout", () => setTimeout(() => tell(false)), true);
  addEventListener("click", ({ isTrusted }) => { if (isTrusted) tell(true); }, true);
  // The keyboard takes room from the page: what is typed stays in sight.
  addEventListener("resize", () => { if (told && keysOf(focused())) focused().scrollIntoView({ block: "center" }); });
})();
