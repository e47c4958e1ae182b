// Before the scripts of a page that is played: its clock shows the time of the journal, and goes on from there.
(() => {
  const TheDate = Date, real = Date.now, { construct, get } = Reflect;
  let base = __GUICHET_NOW__, since = real();
  const now = () => base + (real() - since);
  globalThis.Date = new Proxy(TheDate, {
    construct: (target, given, by) => construct(target, given.length > 0 ? given : [now()], by),
    apply: () => new TheDate(now()).toString(),
    get: (target, name, by) => (name === "now" ? now : get(target, name, by)),
  });
  addEventListener("guichet-clock", (event) => {
    base = event.detail;
    since = real();
    event.stopImmediatePropagation();
  }, true);
})();
