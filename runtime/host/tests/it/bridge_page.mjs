// As much of a page as the bridge touches.
const listeners = new Map();
globalThis.EventTarget = class EventTarget {
  addEventListener(type, listener) {
    const own = listeners.get(this) ?? {};
    (own[type] ??= []).push(listener);
    listeners.set(this, own);
  }
  dispatchEvent(event) {
    for (const listener of listeners.get(this)?.[event.type] ?? []) listener.call(this, event);
    return true;
  }
};
globalThis.Event = class Event {
  constructor(type, init) { Object.assign(this, init, { type }); }
};
globalThis.location = { protocol: "app:", host: "permit", href: "app://permit/pages/home" };
globalThis.URL = class URL {
  constructor(text, base) {
    this.href = text.includes("://") ? text : base.slice(0, base.lastIndexOf("/") + 1) + text;
    [, this.protocol, this.host] = /^([a-z]+:)\/\/([^/]*)/.exec(this.href);
  }
};
globalThis.DOMException = class DOMException extends Error {
  constructor(message, name) {
    super(message);
    this.name = name;
  }
};
// A clock that goes on between two looks, if not by much.
const { now } = Date;
let looks = 0;
Date.now = () => now() + (looks += 1) / 1000;
// What the package has.
globalThis.fetch = async (path) => `of the package: ${path}`;
const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
// A browser's own is native: what the tests do to the language does not reach it.
const { apply } = Reflect;
const codeAt = String.prototype.charCodeAt;
globalThis.btoa = (binary) => {
  let text = "";
  for (let at = 0; at < binary.length; at += 3) {
    const left = binary.length - at;
    const code = (next) => (next < left ? apply(codeAt, binary, [at + next]) : 0);
    const bits = (code(0) << 16) | (code(1) << 8) | code(2);
    text += digits[bits >> 18] + digits[(bits >> 12) & 63];
    text += left > 1 ? digits[(bits >> 6) & 63] : "=";
    text += left > 2 ? digits[bits & 63] : "=";
  }
  return text;
};
globalThis.atob = (text) => {
  let binary = "";
  let bits = 0, held = 0;
  for (const letter of text.replace(/=/g, "")) {
    bits = (bits << 6) | digits.indexOf(letter);
    held += 6;
    if (held >= 8) {
      held -= 8;
      binary += String.fromCharCode((bits >> held) & 255);
    }
  }
  return binary;
};
// What the document draws.
globalThis.crypto = { getRandomValues: (numbers) => { numbers.set([__DRAWN__]); return numbers; } };
globalThis.posted = [];
globalThis.ipc = { postMessage: (text) => globalThis.posted.push(text) };
