// The service's icons: 24 grid, one stroke, the colour of the text beside them. An element with data-icon gets its icon first.

const SVG = "http://www.w3.org/2000/svg";

const PATHS = {
  alert: "M12 3.8 2.8 20h18.4zM12 10v4.6M12 17.2v.2",
  calc: "M7 3h10a2 2 0 0 1 2 2v14a2 2 0 0 1-2 2H7a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2zM8.5 7h7M8.5 12h.1M12 12h.1M15.5 12h.1M8.5 16.5h.1M12 16.5h.1M15.5 16.5h.1",
  check: "m4.5 12.5 5 5 10-11",
  coin: "M12 3a9 9 0 1 0 .01 0M8.5 7.5l3.5 5 3.5-5M12 12.5V17M9 13.5h6",
  family: "M7.5 3.8a2.7 2.7 0 1 0 .01 0M16.5 3.8a2.7 2.7 0 1 0 .01 0M12 12a2 2 0 1 0 .01 0M3 19.5v-4c0-2.5 1.7-4 4.5-4M21 19.5v-4c0-2.5-1.7-4-4.5-4M8.5 20.5c.4-2.4 1.6-3.5 3.5-3.5s3.1 1.1 3.5 3.5",
  heart: "M12 20C6 15.7 3.5 12.5 3.5 9.2a4.4 4.4 0 0 1 8.5-1.6 4.4 4.4 0 0 1 8.5 1.6C20.5 12.5 18 15.7 12 20z",
  house: "M3.5 11 12 4l8.5 7M6 9.5V20h12V9.5M10 20v-5.5h4V20",
  info: "M12 3a9 9 0 1 0 .01 0M12 11v5.5M12 7.4v.2",
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
