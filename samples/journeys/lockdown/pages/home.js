// Ways out of a kiosk that a page can try, a button each in the order of this list, and one that tells whether the page is still
// as it was.

const go = (url) => { location.href = url; };
const press = (tag, attributes) => {
  const element = Object.assign(document.createElement(tag), attributes);
  document.body.append(element);
  element.click();
  element.showPicker?.();
  element.remove();
};

const ways = {
  open: () => open("https://example.invalid/"),
  "open-blank": () => press("a", { href: "https://example.invalid/", target: "_blank" }),
  "open-many": () => { for (let at = 0; at < 50; at += 1) open(`about:blank#${at}`, `w${at}`, "popup,width=200,height=200"); },
  file: () => go("file:///etc/passwd"),
  mailto: () => go("mailto:somebody@example.invalid"),
  tel: () => go("tel:112"),
  settings: () => go("ms-settings:display"),
  http: () => go("http://127.0.0.1:1/"),
  auth: () => go("https://user:word@example.invalid/"),
  data: () => go("data:text/html,<h1>out</h1>"),
  script: () => go("javascript:document.open()"),
  inspector: () => go("inspector://home"),
  about: () => go("about:gpu"),
  blob: () => go(URL.createObjectURL(new Blob(["<h1>out</h1>"], { type: "text/html" }))),
  pdf: () => go(URL.createObjectURL(new Blob(["%PDF-1.4\n"], { type: "application/pdf" }))),
  download: () => press("a", { href: "data:application/octet-stream,x", download: "x.bin" }),
  picker: () => press("input", { type: "file" }),
  folder: () => press("input", { type: "file", webkitdirectory: true }),
  color: () => press("input", { type: "color" }),
  print: () => print(),
  alert: () => alert("out"),
  confirm: () => confirm("out"),
  prompt: () => prompt("out"),
  modal: () => window.showModalDialog?.("about:blank"),
  fullscreen: () => document.documentElement.requestFullscreen?.(),
  leave: () => document.exitFullscreen?.(),
  notify: () => Notification?.requestPermission?.().then(() => new Notification("out")),
  pointer: () => document.body.requestPointerLock?.(),
  keyboard: () => navigator.keyboard?.lock?.(),
  share: () => navigator.share?.({ title: "out", url: "https://example.invalid/" }),
  scheme: () => navigator.registerProtocolHandler?.("web+out", `${location.origin}/?%s`),
  place: () => navigator.geolocation?.getCurrentPosition(() => {}),
  camera: () => navigator.mediaDevices?.getUserMedia?.({ video: true }),
  screen: () => navigator.mediaDevices?.getDisplayMedia?.(),
  pay: () => new PaymentRequest([], {}).show(),
  move: () => { moveTo(300, 300); resizeTo(200, 200); },
  history: () => { history.go(-99); history.go(99); },
  stay: () => { addEventListener("beforeunload", (event) => { event.preventDefault(); }); location.reload(); },
};

// Counted on, whatever the page was made to do.
const before = await guichet.storage.get("tried");
let tried = Number(/ (\d+)>$/.exec(before ?? "")?.[1] ?? 0);

async function keep(word) {
  tried += 1;
  const { scale = 1 } = visualViewport ?? {};
  await guichet.storage.set("tried", `<${word} ${location.pathname} ${innerWidth} ${scale} ${devicePixelRatio} ${tried}>`);
}

for (const [name, way] of Object.entries(ways)) {
  const button = Object.assign(document.createElement("button"), { textContent: name });
  button.addEventListener("click", async () => {
    try {
      Promise.resolve(way()).catch(() => {});
    } catch {
      // What is not there is no way out.
    }
  });
  document.getElementById("ways").append(button);
}
document.getElementById("there").addEventListener("click", () => keep("there"));
await keep("loaded");
