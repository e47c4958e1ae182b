// Building elements from data. Text is always text: nothing here, or anywhere on this page, parses markup.

const SVG = "http://www.w3.org/2000/svg";

/** An element with attributes (null and false are left out, true is an empty attribute) and children. */
export function h(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** One of the symbols of index.html, for the eye only. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "i");
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#i-${name}`);
  svg.append(use);
  return svg;
}

/** A button that says what it does; `home.js` listens for all of them. */
export function button(action, attributes, ...children) {
  return h("button", { type: "button", "data-action": action, ...attributes }, ...children);
}

const GLAZES = new Set(["celadon", "indigo", "plum", "ochre", "persimmon", "moss", "rose", "slate"]);

const tiles = new Map(); // icon -> whether it fills its square, so that as a mask it would be a blot

function isTile(url) {
  if (!tiles.has(url)) {
    tiles.set(url, new Promise((resolve) => {
      const image = new Image();
      image.addEventListener("error", () => resolve(false));
      image.addEventListener("load", () => {
        const side = 24;
        const canvas = Object.assign(document.createElement("canvas"), { width: side, height: side });
        const context = canvas.getContext("2d");
        context.drawImage(image, 0, 0, side, side);
        const { data } = context.getImageData(0, 0, side, side);
        let painted = 0;
        for (let alpha = 3; alpha < data.length; alpha += 4) painted += data[alpha] > 127 ? 1 : 0;
        resolve(painted > side * side * 0.7);
      });
      image.src = url;
    }).catch(() => false));
  }
  return tiles.get(url);
}

/**
 * A service's window. Its icon is a mask: a publisher supplies a shape, never a colour. An icon that is a picture with a ground of
 * its own is shown as it is, small.
 */
export function arch(listing, size = "") {
  const glaze = GLAZES.has(listing.glaze) ? listing.glaze : "celadon";
  const window = h("span", { class: `arch ${size}`, "data-glaze": glaze, "aria-hidden": "true" });
  if (listing.icon) {
    const glyph = h("span", { class: "glyph" });
    const url = `url(${JSON.stringify(String(listing.icon))})`;
    glyph.style.setProperty("-webkit-mask-image", url);
    glyph.style.setProperty("mask-image", url);
    window.append(glyph);
    isTile(listing.icon).then((tile) => {
      if (tile) glyph.replaceWith(h("img", { class: "tile", src: listing.icon, alt: "" }));
    });
  } else {
    window.append(h("span", { class: "initial" }, [...(listing.name || "·")][0]));
  }
  return window;
}

/** What tells one control from another, so that focus survives a redraw. */
function identity(element) {
  const parts = ["action", "appId", "permission", "id"]
    .filter((name) => element.dataset[name] !== undefined)
    .map((name) => `[data-${name.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`)}="${CSS.escape(element.dataset[name])}"]`);
  return parts.length > 0 ? parts.join("") : null;
}

const drawn = new WeakMap();

/** How long a control that came by itself takes no click, in milliseconds. */
const SETTLE_MS = 500;

let isArriving = false;

/** Draws what the shell has sent, and no person has just asked for. */
export function arriving(work) {
  isArriving = true;
  try {
    work();
  } finally {
    isArriving = false;
  }
}

/**
 * Whoever was about to click on something else has not chosen what came under the pointer, or moved there: in `[data-settles]`
 * every control waits (`[data-fresh]`) after something in it has changed by itself.
 */
function settle(container) {
  for (const control of container.closest("[data-settles]")?.querySelectorAll("[data-action]") ?? []) {
    const since = String(performance.now());
    control.dataset.fresh = since;
    setTimeout(() => {
      if (control.dataset.fresh === since) delete control.dataset.fresh;
    }, SETTLE_MS);
  }
}

let pressed = null; // what is under a finger or a button that is down
const late = new Map(); // container -> how to draw it once it is let go

/** What is pressed stays where it is until it is let go: a click is lost whose control was replaced in between. */
function letGo() {
  pressed = null;
  for (const [container, work] of late) {
    late.delete(container);
    work();
  }
}

addEventListener("pointerdown", ({ target }) => { letGo(); pressed = target; }, true);
// The click comes right after.
for (const end of ["pointerup", "pointercancel", "blur"]) addEventListener(end, () => setTimeout(letGo), true);
// Let go outside of the window.
addEventListener("pointermove", ({ buttons }) => { if (pressed && buttons === 0) letGo(); }, true);

/** Fills `container` with what `build` returns, unless `inputs` are what it was last drawn from. Focus stays on its control. */
export function draw(container, inputs, build) {
  late.delete(container);
  const key = JSON.stringify(inputs);
  if (drawn.get(container) === key) return;
  if (pressed && container.contains(pressed)) {
    const again = () => draw(container, inputs, build);
    late.set(container, isArriving ? () => arriving(again) : again);
    return;
  }
  drawn.set(container, key);
  const active = container.contains(document.activeElement) ? document.activeElement : null;
  const selector = active ? identity(active) : null;
  container.replaceChildren(...[build()].flat().filter(Boolean));
  if (selector) container.querySelector(selector)?.focus({ preventScroll: true });
  if (isArriving) settle(container);
}
