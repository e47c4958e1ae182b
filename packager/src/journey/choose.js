// The option of a list that says this; null if there is none yet.
const [list, text] = arguments;
const plain = (text) => (text ?? "").replace(/\s+/gu, " ").trim();
return [...(list.options ?? [])].find((option) => plain(option.label) === plain(text)) ?? null;
