globalThis.attack = async () => {
  const wrong = [undefined, null, true, 7, -1.5, NaN, {}, [], ["x"], new Uint8Array(3), "x".repeat(600), { $bytes: "!" }];
  const takers = [["storage", "get"], ["storage", "set"], ["storage", "remove"], ["navigation", "navigate"], ["navigation", "redirect"]];
  const outcomes = [];
  for (const [group, name] of takers) {
    for (const first of wrong) {
      if (typeof first === "string" && group === "navigation") continue;
      outcomes.push(await guichet[group][name](first, name === "set" ? Symbol.iterator in Object(first) ? null : {} : undefined).then(() => `${group}.${name} was done`, (error) => error.name));
    }
  }
  const others = outcomes.filter((outcome) => outcome !== "InvalidError");
  return `${outcomes.length} calls, ${others.length === 0 ? "all InvalidError" : others.join(", ")}`;
};
