// The one page: what is scanned is seen, put away or handed over.

import { say } from "../common/words.js";

const part = (id) => /** @type {any} */ (document.getElementById(id));
/** The pages so far: `{jpeg, url}`. */
let pages = [];

function tell(text, kind = "") {
  part("told").textContent = text;
  part("told").className = `note ${kind}`;
  part("told").hidden = text === "";
}

/** The words for the class of a failure. */
function failed(failure, values) {
  const known = say(`failure.${failure}`, values);
  tell(known === `failure.${failure}` ? say("failure.other", values) : known, "bad");
}

function show() {
  part("scan").textContent = say(pages.length === 0 ? "home.scan" : "home.another");
  part("send").hidden = pages.length === 0;
  part("pages").replaceChildren(...pages.map((page, at) => {
    const [item, figure, picture, caption, remove] = ["li", "figure", "img", "figcaption", "button"].map((name) => /** @type {any} */ (document.createElement(name)));
    picture.src = page.url;
    picture.alt = caption.textContent = say("home.page", { number: at + 1 });
    remove.type = "button";
    remove.className = "btn sm";
    remove.textContent = say("home.remove", { number: at + 1 });
    remove.addEventListener("click", () => {
      URL.revokeObjectURL(page.url);
      pages = pages.filter((one) => one !== page);
      tell("");
      show();
      part("scan").focus();
    });
    figure.append(picture, caption, remove);
    item.append(figure);
    return item;
  }));
}

/** Bytes as the window takes them. */
function base64(bytes) {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

function busy(isBusy) {
  for (const id of ["scan", "send"]) part(id).disabled = isBusy;
}

part("scan").addEventListener("click", async () => {
  busy(true);
  tell(say("home.scanning"));
  try {
    const jpeg = await guichet.scan.page({ colours: part("colour").checked ? "colour" : "grey" });
    pages.push({ jpeg, url: URL.createObjectURL(new Blob([/** @type {any} */ (jpeg)], { type: "image/jpeg" })) });
    tell(say("home.look"), "good");
    show();
  } catch (failure) {
    failed(failure.class);
  } finally {
    busy(false);
  }
});

part("send").addEventListener("click", async () => {
  busy(true);
  tell(say("home.sending"));
  const { number, failure, sent } = await guichet.logic.call("send", { pages: pages.map(({ jpeg }) => base64(jpeg)) });
  busy(false);
  if (failure) {
    failed(failure, { sent });
    return;
  }
  for (const { url } of pages) URL.revokeObjectURL(url);
  pages = [];
  tell(say("home.sent", { number }), "good");
  show();
});

show();
