// `fetch` in logic, carried by the host (`network`): Request, Response, Headers and AbortController as far as logic needs
// them. Given to prelude.js, which calls it with the way to the host.
(carry) => {
  const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
  const lower = (name) => {
    if (!TOKEN.test(name)) throw new TypeError(`Headers: '${name}' is not the name of a header`);
    return String(name).toLowerCase();
  };
  const cannot = (what, hint) => new TypeError(`fetch: ${what}; hint: ${hint}`);

  class Headers {
    #values = new Map(); // lower case name -> values
    constructor(init = []) {
      const pairs = init instanceof Headers || Array.isArray(init) ? init : Object.entries(init ?? {});
      for (const [name, value] of pairs) this.append(name, value);
    }
    append(name, value) {
      const key = lower(name);
      this.#values.set(key, [...(this.#values.get(key) ?? []), String(value).trim()]);
    }
    set(name, value) { this.#values.set(lower(name), [String(value).trim()]); }
    get(name) { return this.#values.get(lower(name))?.join(", ") ?? null; }
    has(name) { return this.#values.has(lower(name)); }
    delete(name) { this.#values.delete(lower(name)); }
    forEach(f, self) { for (const [name, value] of this) f.call(self, value, name, this); }
    *entries() { for (const name of [...this.#values.keys()].sort()) yield [name, this.get(name)]; }
    *keys() { for (const [name] of this) yield name; }
    *values() { for (const [, value] of this) yield value; }
    [Symbol.iterator]() { return this.entries(); }
  }

  // ---- giving up ----------------------------------------------------------------------------------------------

  class AbortError extends Error {
    get name() { return "AbortError"; }
    get code() { return 20; }
  }
  class TimeoutError extends Error {
    get name() { return "TimeoutError"; }
    get code() { return 23; }
  }
  const abortSignal = Symbol("abort");
  class AbortSignal {
    #listeners = new Set();
    aborted = false;
    reason = undefined;
    onabort = null;
    addEventListener(type, listener) { if (type === "abort" && listener) this.#listeners.add(listener); }
    removeEventListener(type, listener) { this.#listeners.delete(listener); }
    throwIfAborted() { if (this.aborted) throw this.reason; }
    [abortSignal](reason = new AbortError("The operation was aborted.")) {
      if (this.aborted) return;
      this.aborted = true;
      this.reason = reason;
      const event = Object.freeze({ type: "abort", target: this });
      if (typeof this.onabort === "function") this.onabort(event);
      for (const listener of [...this.#listeners]) typeof listener === "function" ? listener.call(this, event) : listener.handleEvent(event);
      this.#listeners.clear();
    }
    static abort(reason) {
      const signal = new AbortSignal();
      signal[abortSignal](reason);
      return signal;
    }
    static timeout(ms) {
      const signal = new AbortSignal();
      setTimeout(() => signal[abortSignal](new TimeoutError("The operation timed out.")), ms);
      return signal;
    }
    static any(signals) {
      const either = new AbortSignal();
      for (const signal of signals) {
        if (signal.aborted) either[abortSignal](signal.reason);
        else signal.addEventListener("abort", () => either[abortSignal](signal.reason));
      }
      return either;
    }
  }
  class AbortController {
    signal = new AbortSignal();
    abort(reason) { this.signal[abortSignal](reason); }
  }

  // ---- bodies -------------------------------------------------------------------------------------------------

  // What is sent, and the media type that goes with it.
  const sent = (body) => {
    if (body === null || body === undefined) return [undefined, null];
    if (typeof body === "string") return [body, "text/plain;charset=UTF-8"];
    if (body instanceof Uint8Array) return [body, null];
    if (body instanceof ArrayBuffer) return [new Uint8Array(body), null];
    if (ArrayBuffer.isView(body)) return [new Uint8Array(body.buffer, body.byteOffset, body.byteLength), null];
    const { URLSearchParams } = globalThis;
    if (URLSearchParams && body instanceof URLSearchParams) return [String(body), "application/x-www-form-urlencoded;charset=UTF-8"];
    throw cannot("such a body cannot be sent", "send a text (JSON.stringify) or a Uint8Array");
  };

  class Body {
    #held;
    bodyUsed = false;
    constructor(held) { this.#held = held; }
    get body() { return null; }
    #take() {
      if (this.bodyUsed) throw new TypeError("the body has been read already");
      this.bodyUsed = this.#held !== undefined;
      return this.#held ?? "";
    }
    // Whoever copies does not take.
    held() {
      if (this.bodyUsed) throw new TypeError("the body has been read already");
      return this.#held;
    }
    async text() {
      const held = this.#take();
      return typeof held === "string" ? held.replace(/^\ufeff/, "") : new TextDecoder().decode(held);
    }
    async json() { return JSON.parse(await this.text()); }
    async bytes() {
      const held = this.#take();
      return typeof held === "string" ? new TextEncoder().encode(held) : held.slice();
    }
    async arrayBuffer() { return (await this.bytes()).buffer; }
    async blob() { throw cannot("logic has no Blob", "use arrayBuffer() or bytes()"); }
    async formData() { throw cannot("logic has no FormData", "use text() or json()"); }
  }

  class Request extends Body {
    constructor(input, init = {}) {
      const from = input instanceof Request ? input : undefined;
      const [body, type] = init.body === undefined && from ? [from.held(), null] : sent(init.body);
      super(body);
      this.url = from ? from.url : String(input);
      this.method = String(init.method ?? from?.method ?? "GET").toUpperCase();
      this.headers = new Headers(init.headers ?? from?.headers);
      if (type && !this.headers.has("content-type")) this.headers.set("content-type", type);
      this.redirect = init.redirect ?? from?.redirect ?? "follow";
      this.signal = init.signal ?? from?.signal ?? new AbortSignal();
      if (body !== undefined && (this.method === "GET" || this.method === "HEAD")) throw new TypeError(`Request: ${this.method} has no body`);
      if (init.mode === "no-cors") throw cannot("`no-cors` is not needed here", "leave `mode` out; the answer can always be read");
      if (init.credentials === "include") throw cannot("the host keeps no cookies", "leave `credentials` out and send an `authorization` header");
    }
    clone() { return new Request(this); }
  }

  class Response extends Body {
    constructor(body, init = {}) {
      const [held, type] = sent(body);
      super(held);
      this.status = init.status ?? 200;
      this.statusText = init.statusText ?? "";
      this.headers = new Headers(init.headers);
      if (type && !this.headers.has("content-type")) this.headers.set("content-type", type);
      this.url = init.url ?? "";
      this.redirected = init.redirected ?? false;
      this.type = init.type ?? "default";
    }
    get ok() { return this.status >= 200 && this.status < 300; }
    clone() { return new Response(this.held(), this); }
    static json(data, init = {}) {
      const headers = new Headers(init.headers);
      if (!headers.has("content-type")) headers.set("content-type", "application/json");
      return new Response(JSON.stringify(data), { ...init, headers });
    }
    static error() { return new Response(null, { status: 0, type: "error" }); }
  }

  const dressed = ({ status, url, isRedirected, headers, body }) => {
    const response = new Response(body, { status, url, redirected: isRedirected, type: "cors", headers: headers.map(({ name, value }) => [name, value]) });
    if (!headers.some(({ name }) => name === "content-type")) response.headers.delete("content-type");
    return response;
  };

  const fetch = async (input, init) => {
    const request = new Request(input, init);
    const { signal, url, method, redirect } = request;
    signal.throwIfAborted();
    if (!/^https?:/i.test(url)) throw cannot(`'${url}' is no address of a host`, "a file of the package is imported: import data from './data.json'");
    const headers = [...request.headers].map(([name, value]) => ({ name, value }));
    const { answer, giveUp } = carry({ method, url, redirect, headers, body: request.held() });
    return new Promise((resolve, reject) => {
      const abort = () => {
        giveUp();
        reject(signal.reason);
      };
      signal.addEventListener("abort", abort);
      answer.then((told) => resolve(dressed(told)), (failure) => {
        const error = new TypeError(failure.message, { cause: failure });
        error.stack = failure.stack;
        reject(error);
      }).finally(() => signal.removeEventListener("abort", abort));
    });
  };

  globalThis.AbortController ??= AbortController;
  globalThis.AbortSignal ??= AbortSignal;
  Object.assign(globalThis, { fetch, Headers, Request, Response });
}
