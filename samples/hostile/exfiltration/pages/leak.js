// Tries every way twice, to an address and to a name, and says "done" in the title and in the log.

const query = new URLSearchParams(location.search);
const port = query.get("port");
const hosts = ["", query.get("host")];
const PATIENCE = 1500;

const toOf = (host) => (name) => `http://${host ? `${name}.${host}` : "127.0.0.1"}:${port}/${name}`;
const within = (promise) => Promise.race([promise, new Promise((_, reject) => setTimeout(reject, PATIENCE))]);

async function attempt(name, way, host) {
  try {
    const answered = way(toOf(host));
    // What only sets something going proves nothing here: the sink is the judge of it.
    if (!(answered instanceof Promise)) return null;
    await within(answered);
    return host ? `${name} (name)` : name;
  } catch {
    return null;
  }
}

async function tryAll(ways) {
  const tries = Object.entries(ways).flatMap(([name, way]) => hosts.map((host) => attempt(name, way, host)));
  return (await Promise.all(tries)).filter((name) => name !== null);
}

async function fromWorker(host) {
  try {
    const worker = new Worker("worker.js");
    const answered = new Promise((resolve, reject) => {
      worker.onmessage = ({ data }) => resolve(data);
      worker.onerror = reject;
    });
    worker.postMessage({ port, host });
    return await Promise.race([answered, new Promise((resolve) => setTimeout(() => resolve([]), 3 * PATIENCE))]);
  } catch {
    return [];
  }
}

// The last that a page can do is to tell somebody that it goes.
for (const event of ["visibilitychange", "beforeunload", "pagehide", "unload"]) {
  addEventListener(event, () => {
    for (const to of hosts.map(toOf)) {
      navigator.sendBeacon(to(`${event}-beacon`), "secret");
      fetch(to(`${event}-keepalive`), { keepalive: true, mode: "no-cors" }).catch(() => {});
    }
  });
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function run() {
  const answered = await tryAll(window.ways);
  answered.push(...(await Promise.all(hosts.map(fromWorker))).flat());
  if (window.guichet) answered.push(...await guichet.logic.call("reachable"));
  const tell = (title) => {
    document.title = title;
    const said = answered.length === 0 ? "nothing answered" : `answered: ${answered.join(", ")}`;
    document.getElementById("result").textContent = said;
    return `exfiltration ${title}: ${said}`;
  };
  tell("leaving");
  for (const [name, way] of Object.entries(window.departures)) {
    for (const host of hosts) {
      const answer = await attempt(name, way, host);
      if (answer) answered.push(answer);
      await pause(150);
    }
  }
  const count = Object.keys(window.ways).length + Object.keys(window.departures).length;
  document.getElementById("ways").innerHTML = [...Object.keys(window.ways), ...Object.keys(window.departures)].map((name) => `<li>${name}</li>`).join("");
  const said = `${tell("done")}, ${count} ways`;
  if (window.guichet) guichet.log.write("info", said);
}

run();
