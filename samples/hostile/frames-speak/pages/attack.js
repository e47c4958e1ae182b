globalThis.attack = async () => {
  const found = [];
  addEventListener("message", ({ data }) => found.push(data));
  const reach = (where, scope) => {
    try {
      scope.webkit.messageHandlers.ipc.postMessage('{"id":7,"interface":"app-info","function":"get","arguments":[]}');
      found.push(where);
    } catch {
      // As it should be.
    }
    try {
      scope.ipc.postMessage('{"id":7,"interface":"app-info","function":"get","arguments":[]}');
      found.push(`${where}, ipc`);
    } catch {
      // As it should be.
    }
  };
  reach("page", globalThis);
  const frame = (members) => {
    const made = Object.assign(document.createElement("iframe"), members);
    document.body.append(made);
    return made;
  };
  const inside = `<script>try { webkit.messageHandlers.ipc.postMessage("{}"); parent.postMessage("a frame", "*") } catch {}</script>`;
  reach("empty frame", frame({}).contentWindow);
  const blank = frame({ src: "about:blank" });
  await new Promise((resolve) => setTimeout(resolve, 100));
  reach("blank frame", blank.contentWindow);
  const written = frame({}).contentDocument;
  written?.write(inside);
  frame({ srcdoc: inside });
  frame({ src: `data:text/html,${inside}` });
  frame({ src: URL.createObjectURL(new Blob([inside], { type: "text/html" })) });
  frame({ src: "javascript:void webkit.messageHandlers.ipc.postMessage('{}')" });
  const opened = window.open("about:blank");
  if (opened) reach("a window", opened);
  await navigator.serviceWorker?.register("attack.js").then(() => found.push("a service worker"), () => {});
  await new Promise((resolve) => setTimeout(resolve, 500));
  return `found: ${found.join(", ") || "nothing"}`;
};
