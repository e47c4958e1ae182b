// `global.getGlobalState` for pages: the same events by the name they had.
(() => {
  const app = globalThis.global;
  const read = (event) => ({ pagePath: event.pagePath, referrerInfo: event.referrerInfo, lang: event.lang, dir: event.dir, errorDescription: event.errorDescription });
  app.getGlobalState = (...callbacks) => {
    const [options] = callbacks;
    if (options !== null && typeof options === "object") {
      const value = { state: app.globalState, ...app.inputObject };
      for (const callback of [options.success, options.complete]) if (typeof callback === "function") callback(value);
    } else {
      ["launched", "shown", "hidden", "error"].forEach((name, at) => {
        if (typeof callbacks[at] === "function") app.addEventListener(`global${name}`, (event) => callbacks[at](read(event)));
      });
    }
    return app.globalState;
  };
})();
