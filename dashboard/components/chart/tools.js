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

// Ticks of a logarithmic axis from 10^low to 10^high, about `room` of them: whole decades, or where
// it has too few of them numbers written out.
function logTicks(low, high, room) {
  const [least, most] = [10 ** low, 10 ** high];
  const inside = (values) => values.filter((v) => v >= least * (1 - 1e-9) && v <= most * (1 + 1e-9));
  const powers = [];
  for (let k = Math.ceil(low - 1e-9); k <= high + 1e-9; k += 1) powers.push(k);
  if (high - low > 2) {
    const every = Math.ceil(powers.length / room);
    const kept = powers.filter((k) => k % every === 0);
    return ticks(kept.map((k) => 10 ** k), kept.map(decade));
  }
  const steps = powers.length ? [powers[0] - 1, ...powers] : [Math.floor(low)];
  for (const digits of [[1, 2, 5], [1, 2, 3, 5, 7]]) {
    const values = inside(steps.flatMap((k) => digits.map((d) => d * 10 ** k)));
    if (values.length > 2) return ticks(values, values.map(written));
  }
  const size = 10 ** Math.floor(Math.log10((most - least) / 3));
  const step = size * [5, 2, 1].find((d) => d * size * 3 <= most - least);
  const values = [];
  for (let n = Math.ceil(least / step); n * step <= most; n += 1) values.push(n * step);
  return ticks(values, values.map(written));
}

function ticks(values, texts) { return { tickmode: "array", tickvals: values, ticktext: texts }; }

function decade(power) {
  return power === 0 || power === 1 ? `${10 ** power}` : `10${superscript(power)}`;
}

// As short as it is exact: 0.02, 50, 2·10⁴.
function written(value) {
  const digits = Number(value.toPrecision(10));
  if (digits >= 1e-3 && digits < 1e4) return String(digits);
  const power = Math.floor(Math.log10(digits));
  const mantissa = Number((digits / 10 ** power).toPrecision(10));
  return `${mantissa === 1 ? "" : `${mantissa}·`}10${superscript(power)}`;
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
