globalThis.attack = async () => {
  const seen = [];
  const spy = (object, name) => {
    const own = object[name];
    object[name] = function (...values) {
      seen.push(name);
      return own.apply(this, values);
    };
    return () => { object[name] = own; };
  };
  const restore = [[JSON, "parse"], [JSON, "stringify"], [Array.prototype, "push"], [Array.prototype, "map"], [Promise.prototype, "then"], [Object, "keys"],
    [Function.prototype, "apply"], [Function.prototype, "call"], [String.prototype, "charCodeAt"]].filter(([, name]) => name !== "push").map(([object, name]) => spy(object, name));
  Object.defineProperty(Object.prototype, "id", { set() { seen.push("id"); }, configurable: true });
  const answered = guichet.storage.set("key", "value");
  restore.forEach((one) => one());
  delete Object.prototype.id;
  await answered;
  return `answered; seen: ${seen.filter((name) => name !== "map").join(", ") || "nothing"}`;
};
