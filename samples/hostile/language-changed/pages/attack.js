// What the page puts in the place of the language’s own stays there until the last answer has come. In the call itself none of it
// may be used; later, when others work in this page too, none of it may be shown what is kept.
const SECRET = "what is kept";

globalThis.attack = async () => {
  // Whoever has called this attaches a `then` of their own first.
  await new Promise((resolve) => setTimeout(resolve));
  const { stringify } = JSON;
  const { apply } = Reflect;
  const { defineProperty } = Object;
  const { includes } = String.prototype;
  const seen = [];
  const own = [];
  let isCalling = false;
  const isShown = (values) => {
    try {
      const text = stringify(values);
      return typeof text === "string" && apply(includes, text, [SECRET]);
    } catch {
      return false;
    }
  };
  const note = (name, values) => {
    if (isCalling || isShown(values)) seen[seen.length] = name;
  };
  const spy = (object, name) => {
    const before = Object.getOwnPropertyDescriptor(object, name);
    const { value } = before;
    own[own.length] = [object, name, before];
    defineProperty(object, name, {
      ...before,
      value(...values) {
        note(name, [this, ...values]);
        return apply(value, this, values);
      },
    });
  };
  const restore = () => {
    for (let at = own.length - 1; at >= 0; at -= 1) defineProperty(own[at][0], own[at][1], own[at][2]);
    delete Object.prototype.id;
    delete Object.prototype.ok;
  };
  const replaced = [
    [JSON, ["parse", "stringify"]], [Promise.prototype, ["then", "catch", "finally"]], [Promise, ["resolve", "reject", "all"]],
    [Array, ["from", "isArray"]], [Array.prototype, ["push", "pop", "shift", "map", "forEach", "slice", "splice", "concat", "join"]],
    [Object, ["keys", "entries", "assign", "freeze"]], [Function.prototype, ["apply", "call", "bind"]], [String.prototype, ["charCodeAt"]],
  ].flatMap(([object, names]) => names.map((name) => [object, name]));
  for (const [object, name] of replaced) spy(object, name);
  for (const name of ["id", "ok"]) defineProperty(Object.prototype, name, { set(value) { note(name, [value]); }, configurable: true });
  const call = (name, ...values) => {
    isCalling = true;
    try {
      return guichet.storage[name](...values);
    } finally {
      isCalling = false;
    }
  };
  try {
    await call("set", "key", SECRET);
    const value = await call("get", "key");
    const told = seen.length;
    restore();
    return `answered; seen: ${told === 0 && value === SECRET ? "nothing" : `${value}, ${[...new Set(seen)].join(", ")}`}`;
  } catch (error) {
    restore();
    throw error;
  }
};
