
// Follows the bridge: what the page writes on its console is told to the host as well.
(() => {
  const { write } = globalThis.guichet.log;
  const { stringify } = JSON;
  const show = (value) => {
    if (typeof value === "string") return value;
    if (value instanceof Error) return `${value.name}: ${value.message}`;
    try {
      return stringify(value) ?? `${value}`;
    } catch {
      return `${value}`;
    }
  };
  for (const [name, level] of [["debug", "debug"], ["log", "info"], ["info", "info"], ["warn", "warn"], ["error", "error"]]) {
    const own = console[name].bind(console);
    console[name] = (...parts) => {
      own(...parts);
      try {
        write(level, parts.map(show).join(" "));
      } catch {
        // A line that cannot be told is still on the page's own console.
      }
    };
  }
})();
