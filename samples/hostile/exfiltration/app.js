// The logic layer reaches nothing without a permission; it says what it could reach, and that must be nothing.
export default { launched() {} };

export async function reachable() {
  const names = ["XMLHttpRequest", "WebSocket", "EventSource", "Worker", "importScripts", "process", "require", "std", "os", "Deno"];
  const found = names.filter((name) => typeof globalThis[name] !== "undefined");
  for (const url of ["http://127.0.0.1:1/x.js", "file:///etc/passwd", "/etc/passwd", "../../../etc/passwd"]) {
    try {
      await import(url);
      found.push(`import ${url}`);
    } catch {
      // As it should be.
    }
  }
  for (const url of ["https://logic.sink.test/", "https://127.0.0.1/"]) {
    try {
      await fetch(url);
      found.push(`fetch ${url}`);
    } catch {
      // As it should be.
    }
  }
  return found;
}
