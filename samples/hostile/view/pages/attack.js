// What a page asks its view for: one button each. Every button says in the log what came of it.
const say = (name, text) => guichet.log.write("info", `decision ${name}: ${text}`);
const error = ({ name }) => name;
const link = (members) => Object.assign(document.createElement("a"), members);
const port = new URLSearchParams(location.search).get("port");

const asked = {
  popup: () => `${window.open("https://sink.test/", "_blank", "width=300,height=300")}`,
  dialogs: () => `${alert("your password, please")}, ${confirm("really?")}, ${prompt("your password")}`,
  download: () => {
    link({ href: "data:text/plain,escape", download: "escape.txt" }).click();
    return "asked";
  },
  place: () => new Promise((resolve) => navigator.geolocation.getCurrentPosition(() => resolve("told"), ({ code }) => resolve(`refused ${code}`))),
  camera: () => navigator.mediaDevices?.getUserMedia({ video: true }).then(() => "given", error) ?? "there is none",
  notify: () => globalThis.Notification?.requestPermission() ?? "there is none",
  clipboard: () => navigator.clipboard?.readText().then(() => "read", error) ?? "there is none",
  paste: () => `${document.execCommand("paste")}`,
  files: () => {
    const input = Object.assign(document.createElement("input"), { type: "file" });
    input.click();
    return new Promise((resolve) => {
      input.oncancel = () => resolve("cancelled");
      input.onchange = () => resolve("chosen");
      setTimeout(() => resolve("nothing came"), 1000);
    });
  },
  print: () => `${window.print()}`,
  fullscreen: () => document.documentElement.requestFullscreen?.().then(() => "filled", error) ?? "there is none",
  close: () => `${window.close()}`,
};

const row = document.createElement("div");
for (const [name, ask] of Object.entries(asked)) {
  const button = Object.assign(document.createElement("button"), { textContent: name });
  button.addEventListener("click", async () => say(name, await ask()));
  row.append(button);
}
const dragged = link({ href: `http://127.0.0.1:${port}/dragged`, textContent: "drag me", draggable: true });
const zone = Object.assign(document.createElement("p"), { textContent: "drop here" });
row.append(dragged, zone);
document.body.append(row);
// Who drags moves on only when it was answered: after some moves it has heard that this would be taken.
let moves = 0;
zone.addEventListener("dragover", (event) => {
  event.preventDefault();
  moves += 1;
  if (moves === 4) say("over", [...event.dataTransfer.types].join(" "));
});
zone.addEventListener("drop", (event) => {
  event.preventDefault();
  const { dataTransfer } = event;
  const texts = ["text/uri-list", "text/html", "text/plain"].map((type) => dataTransfer.getData(type));
  say("dropped", `${dataTransfer.files.length} files, ${texts.find(Boolean)}`);
});
addEventListener("contextmenu", () => say("menu", "asked"));
addEventListener("dragend", () => say("drag", "over"));
addEventListener("dragover", (event) => event.preventDefault(), { once: true });

// Where everything is on the screen, once somebody has moved the pointer there.
addEventListener("mousemove", ({ screenX, screenY, clientX, clientY }) => {
  const places = [...row.children].map((one) => {
    const { left, top, width, height } = one.getBoundingClientRect();
    return `${one.textContent.replace(" ", "-")}=${Math.round(screenX - clientX + left + width / 2)},${Math.round(screenY - clientY + top + height / 2)}`;
  });
  guichet.log.write("info", `decision places: ${places.join(" ")}`);
}, { once: true });
