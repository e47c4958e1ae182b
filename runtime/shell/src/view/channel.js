// Keeps the channel to the host, in a world of its own: nothing here can be reached or changed by a page.
(() => {
  const MOST_IN_A_SECOND = 2500;
  const LONGEST = 4 << 20;
  const MOST_TEXT_IN_A_SECOND = 12 << 20;
  const { ipc } = webkit.messageHandlers;
  let second = 0, passed = 0, text = 0, touched = null;

  // A person has done something: said once, before what the page makes of it, with how many milliseconds ago it was.
  for (const type of ["pointerdown", "pointerup", "keydown", "click"]) {
    addEventListener(type, (event) => { if (event.isTrusted) touched = Date.now(); }, true);
  }

  addEventListener("guichet-message", ({ detail }) => {
    const present = Math.floor(Date.now() / 1000);
    if (present !== second) {
      second = present;
      passed = 0;
      text = 0;
    }
    // What the host itself has seen of a page begins so; see above, watch.js, note.js and field.js.
    if (typeof detail === "string" && ['{"glass":', '{"note":', '{"touched":', '{"field":'].some((own) => detail.startsWith(own))) return;
    // The bridge keeps to less: who is dropped here does not speak through it.
    if (typeof detail !== "string" || detail.length > LONGEST || passed >= MOST_IN_A_SECOND) return;
    if (text + detail.length > MOST_TEXT_IN_A_SECOND) return;
    passed += 1;
    text += detail.length;
    if (touched !== null) ipc.postMessage(`{"touched":${Date.now() - touched}}`);
    touched = null;
    ipc.postMessage(detail);
  }, true);
})();
