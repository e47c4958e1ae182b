// The same from a worker, which takes its policy from its own response.
onmessage = async ({ data: { port, host } }) => {
  const to = (name) => `http://${host ? `${name}.${host}` : "127.0.0.1"}:${port}/${name}`;
  const answered = [];
  const ways = {
    "worker-fetch": () => fetch(to("worker-fetch"), { mode: "no-cors" }),
    "worker-xhr": () => new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.onload = resolve;
      request.onerror = reject;
      request.open("GET", to("worker-xhr"));
      request.send();
    }),
    "worker-import": async () => importScripts(to("worker-import")),
    "worker-socket": () => new Promise((resolve, reject) => {
      const socket = new WebSocket(to("worker-socket").replace("http:", "ws:"));
      socket.onopen = resolve;
      socket.onerror = reject;
    }),
    "worker-events": () => new Promise((resolve, reject) => {
      const events = new EventSource(to("worker-events"));
      events.onopen = resolve;
      events.onerror = reject;
    }),
  };
  for (const [name, way] of Object.entries(ways)) {
    try {
      await way();
      answered.push(name);
    } catch {
      // As it should be.
    }
  }
  postMessage(answered);
};
