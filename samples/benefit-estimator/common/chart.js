// The chart: what the household would receive at other incomes. Three areas on each other, and a line where it stands now.

import { say, yuan } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";
const SERIES = [
  { name: "basic", of: (point) => point.allowance + point.supplement },
  { name: "rent", of: (point) => point.rent },
  { name: "childcare", of: (point) => point.childcare },
];

function shape(tag, attributes, text) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  if (text !== undefined) element.textContent = text;
  return element;
}

/** A step of 1, 2 or 5 times a power of ten that cuts `span` into at most `parts`. */
function niceStep(span, parts) {
  const least = span / parts;
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= least);
}

function multiples(step, end) {
  return Array.from({ length: Math.floor(end / step) + 1 }, (_, index) => index * step);
}

/** Draws the estimate into a figure of that many CSS pixels. */
export function draw(svg, estimate, width) {
  const height = width < 480 ? 260 : 300;
  const edge = { left: width < 480 ? 46 : 56, right: 14, top: 28, bottom: 46 };
  const { curve, income, total } = estimate;
  const mostIncome = curve.at(-1).income;
  const heights = curve.map((point) => SERIES.reduce((sum, series) => sum + series.of(point), 0));
  const stepY = niceStep(Math.max(...heights, 500), 4);
  const mostPaid = Math.ceil(Math.max(...heights, 500) / stepY) * stepY;
  const x = (value) => edge.left + (value / mostIncome) * (width - edge.left - edge.right);
  const y = (value) => height - edge.bottom - (value / mostPaid) * (height - edge.top - edge.bottom);
  const at = (value, paid) => `${x(value).toFixed(1)} ${y(paid).toFixed(1)}`;

  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  const title = shape("title", { id: "chart-title" }, say("chart.title"));
  const description = shape("desc", { id: "chart-desc" }, say("chart.desc", { income: yuan(income), total: yuan(total), end: yuan(lastPaid(curve)) }));
  svg.replaceChildren(title, description);

  for (const value of multiples(stepY, mostPaid)) {
    svg.append(shape("path", { class: value === 0 ? "ground" : "rule", d: `M${at(0, value)}H${width - edge.right}` }));
    svg.append(shape("text", { class: "tick end", x: edge.left - 8, y: y(value) + 4 }, value.toLocaleString("en")));
  }
  const stepX = niceStep(mostIncome, width < 480 ? 4 : 7);
  for (const value of multiples(stepX, mostIncome)) svg.append(shape("text", { class: "tick middle", x: x(value), y: height - edge.bottom + 20 }, value.toLocaleString("en")));
  svg.append(shape("text", { class: "tick end", x: width - edge.right, y: height - 6 }, say("chart.income")));
  svg.append(shape("text", { class: "tick", x: 0, y: 14 }, say("chart.paid")));

  const below = curve.map(() => 0);
  for (const series of SERIES) {
    const values = curve.map((point) => series.of(point));
    if (values.every((value) => value === 0)) continue;
    const floor = [...below];
    values.forEach((value, index) => { below[index] += value; });
    const top = curve.map((point, index) => at(point.income, below[index]));
    const bottom = curve.map((point, index) => at(point.income, floor[index])).reverse();
    svg.append(shape("path", { class: `area ${series.name}`, d: `M${[...top, ...bottom].join("L")}Z` }));
  }
  svg.append(shape("path", { class: "total", d: `M${curve.map((point, index) => at(point.income, heights[index])).join("L")}` }));

  svg.append(shape("path", { class: "now", d: `M${at(income, 0)}V${edge.top - 4}` }));
  svg.append(shape("circle", { class: "dot", cx: x(income), cy: y(total), r: 5 }));
  const isRight = x(income) > width * 0.62;
  svg.append(shape("text", { class: isRight ? "mark end" : "mark", x: x(income) + (isRight ? -8 : 8), y: edge.top + 4 }, say("chart.now", { total: yuan(total) })));
}

/** The highest income on the curve at which anything that depends on income is paid. */
function lastPaid(curve) {
  return curve.findLast((point) => point.allowance + point.supplement + point.rent > 0)?.income ?? 0;
}

/** About ten incomes of the curve, for those who rather read figures. */
export function rows(curve) {
  const every = Math.max(1, Math.round(curve.length / 10));
  return curve.filter((_, index) => index % every === 0).map((point) => [point.income, ...SERIES.map((series) => series.of(point))]);
}
