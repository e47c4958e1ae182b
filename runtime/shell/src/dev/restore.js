((kept) => {
  if (!kept || !kept.fields) return;
  const left = new Map(Object.entries(kept.fields));
  const tell = (field) => {
    // A framework keeps what it hears of.
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const put = () => {
    const seen = {};
    for (const field of document.querySelectorAll("input, textarea, select")) {
      const base = field.id ? `#${field.id}` : [field.form?.id ?? "", field.name, field.type, /^(radio|checkbox)$/.test(field.type) ? field.value : ""].join("/");
      seen[base] = (seen[base] ?? 0) + 1;
      const key = `${base}/${seen[base]}`;
      const was = left.get(key);
      left.delete(key);
      if (was?.checked !== undefined && field.checked !== was.checked) {
        field.checked = was.checked;
        tell(field);
      }
      if (was?.value !== undefined && field.value !== was.value) {
        field.value = was.value;
        tell(field);
      }
      if (was?.chosen && field.options && was.chosen.length === field.options.length) {
        let differs = false;
        [...field.options].forEach((option, at) => {
          differs ||= option.selected !== was.chosen[at];
          option.selected = was.chosen[at];
        });
        if (differs) tell(field);
      }
      if (kept.focus?.key === key) {
        field.focus({ preventScroll: true });
        try {
          field.setSelectionRange(kept.focus.from, kept.focus.to);
        } catch {
          // Not every field has a caret.
        }
        kept.focus = null;
      }
    }
  };
  // What a page draws later is there a little later.
  let turns = 60;
  const again = () => {
    put();
    if (left.size > 0 && (turns -= 1) > 0) requestAnimationFrame(again);
  };
  again();
  scrollTo(kept.scroll[0], kept.scroll[1]);
})
