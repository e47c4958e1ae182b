(() => {
  // What a person has typed or chosen, and where they are: only what differs from what the page itself says.
  const seen = {};
  const name = (field) => {
    const base = field.id ? `#${field.id}` : [field.form?.id ?? "", field.name, field.type, /^(radio|checkbox)$/.test(field.type) ? field.value : ""].join("/");
    seen[base] = (seen[base] ?? 0) + 1;
    return `${base}/${seen[base]}`;
  };
  const fields = {};
  let focus = null;
  for (const field of document.querySelectorAll("input, textarea, select")) {
    const key = name(field);
    if (field === document.activeElement) focus = { key, from: field.selectionStart ?? null, to: field.selectionEnd ?? null };
    if (/^(file|submit|button|reset|image|hidden)$/.test(field.type)) continue;
    if (/^(radio|checkbox)$/.test(field.type)) {
      if (field.checked !== field.defaultChecked) fields[key] = { checked: field.checked };
    } else if (field.tagName === "SELECT") {
      const chosen = [...field.options].map((option) => option.selected);
      if ([...field.options].some((option) => option.selected !== option.defaultSelected)) fields[key] = { chosen };
    } else if (field.value !== field.defaultValue) {
      fields[key] = { value: field.value };
    }
  }
  return { fields, focus, scroll: [scrollX, scrollY] };
})()
