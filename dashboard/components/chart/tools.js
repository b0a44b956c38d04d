// Numbers as people read them, values between nodes, and elements of the page.
function svgNode(tag, attributes) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  return node;
}

function svgText(text, attributes) {
  const node = svgNode("text", { "text-anchor": "middle", fill: "currentColor", ...attributes });
  node.textContent = text;
  return node;
}

function superscript(power) {
  return [...String(power)].map((c) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[c] ?? "⁻").join("");
}

function interpolate({ x, y }, at, logX, logY) {
  let low = 0;
  let high = x.length - 1;
  if (high < 0 || at < x[low] * (1 - 1e-9) || at > x[high] * (1 + 1e-9)) return null;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (x[middle] <= at) low = middle; else high = middle;
  }
  const [a, b] = [y[low], y[high]];
  if (a === null || b === null) return null;
  const s = (v) => (logX ? Math.log(v) : v);
  const w = high === low ? 0 : (s(at) - s(x[low])) / (s(x[high]) - s(x[low]));
  const part = Math.min(1, Math.max(0, w));
  return logY && a > 0 && b > 0 ? a ** (1 - part) * b ** part : a + (b - a) * part;
}

function readable(value) {
  const size = Math.abs(value);
  if (size >= 9999.5 || (size > 0 && size < 1e-3)) {
    const [digits, power] = value.toExponential(2).split("e");
    return `${digits}·10${superscript(Number(power))}`;
  }
  return value.toPrecision(4).replace(/(\.\d*?)0+$/, "$1").replace(/\.$/, "");
}

function wrap(label, room) {
  const fits = (line) => line.length * 6.2 <= room;
  const lines = [];
  for (const word of label.split(" ")) {
    const longer = lines.length ? `${lines.at(-1)} ${word}` : null;
    if (longer && fits(longer)) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines.every(fits) && lines.length <= 4 ? lines : null;
}

function lineShape(line) {
  const style = { color: line.colour, dash: line.dash, width: 1.4 };
  return line.x === null
    ? { type: "line", xref: "paper", x0: 0, x1: 1, yref: "y", y0: line.y, y1: line.y, line: style }
    : { type: "line", yref: "paper", y0: 0, y1: 1, xref: "x", x0: line.x, x1: line.x, line: style };
}

function lineLabel(line, logX, logY, text, size) {
  const log = (value, on) => (on ? Math.log10(value) : value);
  const common = { text: line.label, showarrow: false, opacity: 0.9, font: { size, color: text } };
  return line.x === null
    ? { ...common, xref: "paper", x: 1, xanchor: "right", yref: "y", y: log(line.y, logY), yanchor: "bottom" }
    : { ...common, yref: "paper", y: 0, yanchor: "bottom", xref: "x", x: log(line.x, logX), xanchor: "left" };
}

// As Plotly dashes a line of this width.
function dashArray(dash, width) {
  const unit = Math.max(3, width);
  const long = { dot: [1, 1], dash: [3, 3], dashdot: [3, 1, 1, 1], longdash: [5, 5],
    longdashdot: [5, 2, 1, 2] }[dash];
  return long ? long.map((part) => part * unit).join(" ") : "";
}

// The path of a curve, with gaps where it is not known.
function outline({ x, y }, at, up) {
  let pen = "M";
  return x.map((value, i) => {
    if (value === null || y[i] === null) { pen = "M"; return ""; }
    const step = `${pen}${at(value).toFixed(2)},${up(y[i]).toFixed(2)}`;
    pen = "L";
    return step;
  }).join("");
}

function swatch(trace) {
  const svg = svgNode("svg", { viewBox: "0 0 28 10", "aria-hidden": "true" });
  const add = (tag, attributes) => svg.append(svgNode(tag, attributes));
  if (trace.line) add("line", { x1: 0, x2: 28, y1: 5, y2: 5, stroke: trace.colour,
    "stroke-width": 2.5, "stroke-dasharray": DASH_ARRAYS[trace.dash] ?? "" });
  if (trace.marker) add("circle", { cx: 14, cy: 5, r: 3.5, fill: trace.colour });
  return svg;
}

function element(tag, classes, text = "") {
  const node = document.createElement(tag);
  node.className = classes;
  node.textContent = text;
  return node;
}
