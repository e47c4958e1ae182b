// The draft and the registered applications, as they are kept: one value each, so that none is rewritten for another.

import { today } from "./dates.js";

const DRAFT = "draft";
const APPLICATION = "application/";

/** The records in a key-value store such as `guichet.storage`. */
export class Records {
  #storage;

  constructor(storage) {
    this.#storage = storage;
  }

  /** The draft, or null. */
  async draft() {
    return this.#read(DRAFT);
  }

  async keepDraft(draft) {
    await this.#storage.set(DRAFT, JSON.stringify(draft));
  }

  async removeDraft() {
    await this.#storage.remove(DRAFT);
  }

  /** All applications, the newest first. */
  async all() {
    const keys = await this.#storage.keys(APPLICATION);
    const all = await Promise.all(keys.map((key) => this.#read(key)));
    return all.filter(Boolean).sort((a, b) => b.sent_ms - a.sent_ms);
  }

  async one(number) {
    return this.#read(`${APPLICATION}${number}`);
  }

  /** Gives an application a number of its own and keeps it. */
  async add(fields, sent_ms) {
    const taken = new Set(await this.#storage.keys(APPLICATION));
    let number;
    do {
      number = `JZ-${today(sent_ms).replaceAll("-", "")}-${String(Math.floor(Math.random() * 10_000)).padStart(4, "0")}`;
    } while (taken.has(`${APPLICATION}${number}`));
    const application = { number, kind: fields.kind, status: "registered", sent_ms, history: [{ status: "registered", at_ms: sent_ms }], fields };
    await this.#keep(application);
    return application;
  }

  /** Moves an application from one status to another; if it is not in `from`, nothing happens. */
  async change(number, from, to, at_ms) {
    const application = await this.one(number);
    if (application?.status !== from) return application;
    const changed = { ...application, status: to, history: [...application.history, { status: to, at_ms }] };
    await this.#keep(changed);
    return changed;
  }

  async #keep(application) {
    await this.#storage.set(`${APPLICATION}${application.number}`, JSON.stringify(application));
  }

  async #read(key) {
    const text = await this.#storage.get(key);
    return typeof text === "string" ? JSON.parse(text) : null;
  }
}
