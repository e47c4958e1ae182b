// `fetch` and XMLHttpRequest of a page: what belongs to the package comes from the package, everything else is carried by
// the host (`network`). Given to bridge.js, which calls it with the way to the host.
(carry) => {
  "use strict";
  const { Request, Response, Headers, DOMException, URL, TextDecoder, Blob, location, document } = globalThis;
  if (typeof Request !== "function" || typeof Response !== "function" || !location) return;
  const own = globalThis.fetch.bind(globalThis);
  const { defineProperty } = Object;
  const Target = EventTarget, Progress = globalThis.ProgressEvent || Event;
  const bodiless = [101, 103, 204, 205, 304];

  // ---- fetch --------------------------------------------------------------------------------------------------

  const addressOf = (input) => new URL(input instanceof Request ? input.url : `${input}`, document ? document.baseURI : location.href);
  const isOfThePackage = ({ protocol, host }) =>
    (protocol === location.protocol && host === location.host) || (protocol !== "https:" && protocol !== "http:");

  const cannot = (what, hint) => new TypeError(`fetch: ${what}; hint: ${hint}`);
  const check = (request, init) => {
    const stream = globalThis.ReadableStream;
    if (stream && init && init.body instanceof stream) throw cannot("a stream cannot be sent", "send the whole body at once");
    if (request.mode === "no-cors") throw cannot("`no-cors` is not needed here", "leave `mode` out; the answer can always be read");
    if (request.credentials === "include") throw cannot("the host keeps no cookies", "leave `credentials` out and send an `authorization` header");
  };

  const dressed = (answer) => {
    const { status, body, url, isRedirected } = answer;
    const headers = new Headers();
    for (const { name, value } of answer.headers) headers.append(name, value);
    const response = new Response(bodiless.includes(status) ? null : body, { status, headers });
    const constant = (name, value) => defineProperty(response, name, { value, configurable: true });
    constant("url", url);
    constant("redirected", isRedirected);
    constant("type", "cors");
    const copy = response.clone.bind(response);
    constant("clone", () => {
      const second = copy();
      for (const name of ["url", "redirected", "type"]) defineProperty(second, name, { value: response[name], configurable: true });
      return second;
    });
    return response;
  };

  const aborted = (signal) => (signal.reason !== undefined ? signal.reason : new DOMException("The operation was aborted.", "AbortError"));

  const carried = async (request) => {
    const { signal, method, url, redirect } = request;
    if (signal && signal.aborted) throw aborted(signal);
    const body = method === "GET" || method === "HEAD" ? new Uint8Array() : new Uint8Array(await request.arrayBuffer());
    const headers = [];
    request.headers.forEach((value, name) => headers.push({ name, value }));
    if (signal && signal.aborted) throw aborted(signal);
    const { answer, giveUp } = carry({ method, url, redirect, headers, body: body.length ? body : undefined });
    return new Promise((resolve, reject) => {
      const abort = () => {
        giveUp();
        reject(aborted(signal));
      };
      if (signal) signal.addEventListener("abort", abort, { once: true });
      const over = () => { if (signal) signal.removeEventListener("abort", abort); };
      answer.then((told) => {
        over();
        resolve(dressed(told));
      }, (failure) => {
        over();
        reject(new TypeError(failure.message, { cause: failure }));
      });
    });
  };

  const fetch = async (input, init) => {
    if (isOfThePackage(addressOf(input))) return own(input, init);
    const request = new Request(input, init);
    check(request, init);
    return carried(request);
  };
  defineProperty(globalThis, "fetch", { value: fetch, enumerable: true, writable: true, configurable: true });

  // ---- XMLHttpRequest -----------------------------------------------------------------------------------------

  const withHandlers = (Base, types) => {
    for (const type of types) {
      const key = Symbol(type);
      defineProperty(Base.prototype, `on${type}`, {
        get() { return this[key] || null; },
        set(handler) {
          if (!this[key]) this.addEventListener(type, (event) => { if (this[key]) this[key].call(this, event); });
          this[key] = typeof handler === "function" ? handler : null;
        },
        enumerable: true,
        configurable: true,
      });
    }
    return Base;
  };
  const progress = ["loadstart", "progress", "abort", "error", "load", "timeout", "loadend"];
  const Upload = withHandlers(class XMLHttpRequestUpload extends Target {}, progress);
  const states = { UNSENT: 0, OPENED: 1, HEADERS_RECEIVED: 2, LOADING: 3, DONE: 4 };
  const wrong = (name, what) => new DOMException(`XMLHttpRequest: ${what}`, name);

  class XMLHttpRequest extends Target {
    #state = 0; #method; #url; #headers; #controller = null; #answer = null; #bytes = null; #kind = ""; #mime = null; #value;
    timeout = 0;
    withCredentials = false;
    upload = new Upload();

    get readyState() { return this.#state; }
    get status() { return this.#answer ? this.#answer.status : 0; }
    get statusText() { return this.#answer ? this.#answer.statusText : ""; }
    get responseURL() { return this.#answer ? this.#answer.url : ""; }
    get responseXML() { return null; }
    get responseType() { return this.#kind; }
    set responseType(kind) {
      if (kind === "document") throw wrong("NotSupportedError", "a document cannot be asked for; parse the text with DOMParser");
      if (["", "text", "json", "arraybuffer", "blob"].includes(kind)) this.#kind = kind;
    }
    get responseText() {
      if (this.#kind !== "" && this.#kind !== "text") throw wrong("InvalidStateError", `responseText is empty when responseType is "${this.#kind}"`);
      return this.#text();
    }
    get response() {
      if (this.#kind === "" || this.#kind === "text") return this.#text();
      if (this.#state !== 4 || !this.#bytes) return null;
      if (this.#value === undefined) this.#value = this.#made();
      return this.#value;
    }
    #text() {
      if (!this.#bytes) return "";
      const type = this.#mime || this.getResponseHeader("content-type") || "";
      const [, charset = "utf-8"] = /charset="?([^";]+)/i.exec(type) || [];
      try {
        return new TextDecoder(charset).decode(this.#bytes);
      } catch {
        return new TextDecoder().decode(this.#bytes);
      }
    }
    #made() {
      if (this.#kind === "arraybuffer") return this.#bytes.buffer;
      if (this.#kind === "blob") return new Blob([this.#bytes], { type: this.#mime || this.getResponseHeader("content-type") || "" });
      try {
        return JSON.parse(new TextDecoder().decode(this.#bytes));
      } catch {
        return null;
      }
    }

    open(method, url, isAsync = true) {
      if (!isAsync) throw wrong("InvalidAccessError", "a request cannot be waited for synchronously; leave the third argument out");
      this.#forget();
      this.#method = `${method}`.toUpperCase();
      this.#url = addressOf(url).href;
      this.#headers = new Headers();
      this.#mime = null;
      this.#to(1);
    }
    setRequestHeader(name, value) {
      if (this.#state !== 1 || this.#controller) throw wrong("InvalidStateError", "headers are set between open and send");
      this.#headers.append(name, value);
    }
    overrideMimeType(mime) { this.#mime = `${mime}`; }
    getResponseHeader(name) { return this.#answer ? this.#answer.headers.get(name) : null; }
    getAllResponseHeaders() {
      let lines = "";
      if (this.#answer) this.#answer.headers.forEach((value, name) => { lines += `${name}: ${value}\r\n`; });
      return lines;
    }

    send(body = null) {
      if (this.#state !== 1 || this.#controller) throw wrong("InvalidStateError", "open comes before send");
      const controller = new AbortController();
      this.#controller = controller;
      const isBare = this.#method === "GET" || this.#method === "HEAD" || body === null || body === undefined;
      const init = { method: this.#method, headers: this.#headers, body: isBare ? undefined : body, signal: controller.signal };
      if (this.withCredentials) init.credentials = "include";
      this.#say("loadstart");
      if (!isBare) this.#say("loadstart", this.upload);
      let isLate = false;
      const timer = this.timeout > 0 ? setTimeout(() => { isLate = true; controller.abort(); }, this.timeout) : 0;
      const isCurrent = () => this.#controller === controller;
      const work = async () => {
        const answer = await fetch(this.#url, init);
        if (!isCurrent()) return;
        if (!isBare) for (const type of ["progress", "load", "loadend"]) this.#say(type, this.upload);
        this.#answer = answer;
        this.#to(2);
        const bytes = new Uint8Array(await answer.arrayBuffer());
        if (!isCurrent()) return;
        this.#bytes = bytes;
        this.#to(3);
        this.#say("progress");
        this.#end("load");
      };
      work().catch((error) => {
        if (!isCurrent()) return;
        this.#answer = null;
        this.#bytes = null;
        if (!isLate) console.error(error && error.message !== undefined ? error.message : error);
        this.#end(isLate ? "timeout" : "error");
      }).finally(() => clearTimeout(timer));
    }

    abort() {
      const wasSent = this.#controller !== null && this.#state !== 4;
      this.#forget();
      if (wasSent) {
        this.#to(4);
        this.#say("abort");
        this.#say("loadend");
      }
      this.#state = 0;
    }
    #forget() {
      const controller = this.#controller;
      this.#controller = null;
      this.#answer = null;
      this.#bytes = null;
      this.#value = undefined;
      if (controller) controller.abort();
    }
    #end(type) {
      this.#to(4);
      this.#say(type);
      this.#say("loadend");
    }
    #to(state) {
      this.#state = state;
      this.dispatchEvent(new Event("readystatechange"));
    }
    #say(type, target = this) {
      const loaded = this.#bytes ? this.#bytes.length : 0;
      target.dispatchEvent(new Progress(type, { lengthComputable: this.#bytes !== null, loaded, total: loaded }));
    }
  }
  withHandlers(XMLHttpRequest, ["readystatechange", ...progress]);
  for (const name of Object.keys(states)) {
    defineProperty(XMLHttpRequest, name, { value: states[name], enumerable: true });
    defineProperty(XMLHttpRequest.prototype, name, { value: states[name], enumerable: true });
  }
  defineProperty(globalThis, "XMLHttpRequest", { value: XMLHttpRequest, writable: true, configurable: true });
}
