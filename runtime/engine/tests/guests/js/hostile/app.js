// Everything that must be stopped.
export const spin = () => { for (;;); };
export const search = () => "a".repeat(2e6).indexOf("a".repeat(2e4) + "b");
export const jobs = () => { const again = () => { Promise.resolve().then(again); }; again(); };
export const hoard = () => {
  const kept = [];
  for (;;) kept.push(new Uint8Array(1 << 20).fill(1));
};
export const dig = () => { const down = (n) => down(n + 1) + 1; return down(0); };
export const depth = () => {
  let deepest = 0;
  const down = (n) => { deepest = n; down(n + 1); };
  try {
    down(0);
  } catch (error) {
    return [error.name, deepest > 1000];
  }
};
export const shout = () => { for (;;) console.log("again"); };
export const shoutOnce = () => console.log("x".repeat(5 << 20));
export const storeOnce = () => guichet.storage.set("k", new Uint8Array(5 << 20));
export const start = () => { for (;;) guichet.storage.get("k"); };
export const say = () => { console.log("before"); for (;;); };
export const alive = () => "alive";
export const orphan = () => { Promise.reject(new Error("nobody waits for me")); };
export const late = () => { setTimeout(function later() { null.field; }, 1); };
