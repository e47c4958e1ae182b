// The service's icons: 24 grid, one stroke, the colour of the text beside them. An element with data-icon gets its icon first.

const SVG = "http://www.w3.org/2000/svg";

const PATHS = {
  alert: "M12 3.8 2.8 20h18.4zM12 10v4.6M12 17.2v.2",
  arrow: "M4 12h15M13 6l6 6-6 6",
  check: "m4.5 12.5 5 5 10-11",
  doc: "M6 3h8l4.5 4.5V21H6zM13.5 3v5h5M9 13h6.5M9 16.5h4",
  fwd: "m9.5 5 7 7-7 7",
  house: "M3.5 11 12 4l8.5 7M6 9.5V20h12V9.5M10 20v-5.5h4V20",
  idcard: "M4.5 5h15a2 2 0 0 1 2 2v10a2 2 0 0 1-2 2h-15a2 2 0 0 1-2-2V7a2 2 0 0 1 2-2zM8.5 8.8a2.2 2.2 0 1 0 .01 0M5 16c.6-1.7 1.9-2.3 3.5-2.3s2.9.6 3.5 2.3M14.5 10h4M14.5 14h4",
  info: "M12 3a9 9 0 1 0 .01 0M12 11v5.5M12 7.4v.2",
  lock: "M7 10.5h10a2 2 0 0 1 2 2v6a2 2 0 0 1-2 2H7a2 2 0 0 1-2-2v-6a2 2 0 0 1 2-2zM8 10.5V8a4 4 0 0 1 8 0v2.5",
  undo: "M8.5 5 4 9.5 8.5 14M4 9.5h10a5.5 5.5 0 0 1 0 11H9",
};

/** One icon, for the eye only. */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "i");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

for (const element of document.querySelectorAll("[data-icon]")) element.prepend(icon(element.getAttribute("data-icon")));
