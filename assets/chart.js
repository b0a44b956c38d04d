// Linked panels of curves under one time cursor, drawn by plotly.js.
//
// `default` is called with new data at each rerun of the page and redraws the same plots, so
// zoom, hidden curves and the cursor outlive a slider move.  Until plotly.js has come, which takes
// seconds on a slow line, a sketch stands in: all but zoom works on it.  Text reaches the page only
// through textContent and Plotly's own labels.

const STEPS = 400;
const PLAY_SECONDS = 12;
const MARGIN = { l: 62, r: 10, t: 8, b: 42 };
const LABEL_LINE = 15; // pixels of one line of a regime's name, above the plot
const BAND_COLOURS = ["#56B4E9", "#F0E442", "#CC79A7", "#009E73"];
const DASH_ARRAYS = {
  solid: "", dash: "6 4", dot: "2 3", dashdot: "6 3 2 3", longdash: "9 4", longdashdot: "9 3 2 3",
};

export default function (component) {
  const { data, parentElement, setStateValue } = component;
  const root = parentElement.querySelector(".tl-chart");
  root.tlChart ??= new Chart(root);
  const chart = root.tlChart;
  chart.data = data;
  chart.arrange();
  if (!window.Plotly) chart.draw();
  plotly(data.plotly).then(
    () => chart.draw(),
    () => setStateValue("failed", true),
  );
  return () => setTimeout(() => root.isConnected || chart.stop(), 0);
}

function plotly(url) {
  window.tlPlotly ??= new Promise((resolve, reject) => {
    if (window.Plotly) return resolve();
    const script = document.createElement("script");
    script.src = url;
    script.onload = resolve;
    script.onerror = reject;
    document.head.append(script);
  });
  return window.tlPlotly;
}

class Chart {
  constructor(root) {
    this.root = root;
    this.part = (name) => root.querySelector(`.tl-${name}`);
    this.panels = [];
    this.hidden = new Set();
    this.x = null; // the zoomed range, or null for all
    this.position = STEPS;
    this.revision = 0;
    this.listen();
  }

  // ---- drawing

  draw() {
    return Promise.all(this.panels.map((view) => view.draw())).then(() => {
      this.place();
      if (window.Plotly) this.root.dataset.revision = ++this.revision;
      else this.root.dataset.sketched = true;
    });
  }

  arrange() {
    const { panels, axis } = this.data;
    while (this.panels.length > panels.length) this.panels.pop().remove();
    while (this.panels.length < panels.length) this.panels.push(new PanelView(this));
    this.panels.forEach((view, i) => view.describe(panels[i]));
    this.drawPicture();
    this.drawStory();
    this.drawBar(axis);
  }

  drawBar(axis) {
    this.part("bar").hidden = !axis.cursor;
    const buttons = this.data.bands.map((band) => {
      const button = element("button", "tl-button", `► ${band.label}`);
      button.type = "button";
      button.title = `Play through: ${band.label}`;
      button.onclick = () => this.play(this.stepOf(band.low), this.stepOf(band.high));
      return button;
    });
    // The story's verbs do the same in words.
    this.part("tour").replaceChildren(...(axis.cursor && !this.data.tour?.length ? buttons : []));
    this.showReset();
  }

  drawPicture() {
    const { picture } = this.data;
    this.part("panels").classList.toggle("tl-pictured", Boolean(picture));
    if (!picture) { this.picture?.remove(); this.picture = null; return; }
    this.picture ??= new PictureView(this);
    this.picture.describe(picture);
  }

  // Sentences whose verbs play the figure.
  drawStory() {
    const { tour, axis } = this.data;
    const story = this.part("story");
    story.hidden = !tour?.length || !axis.cursor;
    const told = JSON.stringify(tour);
    if (told === this.told) return;
    this.told = told;
    story.replaceChildren(...(tour ?? []).flatMap((stop) => {
      const verb = element("button", "tl-verb", `${stop.verb}\u00a0►`);
      verb.type = "button";
      verb.onclick = () => this.play(this.stepOf(stop.low), this.stepOf(stop.high), 6);
      return [`${stop.before} `, verb, `${stop.after} `];
    }));
  }

  // Type as large as the page's: a lecture sets it larger.
  zoom() { return parseFloat(getComputedStyle(document.documentElement).fontSize) / 16 || 1; }

  margin() {
    return Object.fromEntries(Object.entries(MARGIN).map(([side, px]) => [side, px * this.zoom()]));
  }

  theme() {
    const style = getComputedStyle(this.root);
    const value = (name, otherwise) => style.getPropertyValue(name).trim() || otherwise;
    return {
      text: value("--st-text-color", "#31333F"),
      background: value("--st-background-color", "#ffffff"),
      font: value("--st-font", "sans-serif"),
    };
  }

  // ---- zoom, shared by all panels

  zoomed(event, view) {
    const range = (axis) => {
      if (event[`${axis}.range`]) return event[`${axis}.range`].slice();
      const low = event[`${axis}.range[0]`];
      return low === undefined ? undefined : [low, event[`${axis}.range[1]`]];
    };
    const x = range("xaxis");
    const y = range("yaxis");
    if (y) view.y = y;
    if (x) {
      this.x = x;
      this.panels.filter((other) => other !== view).forEach((other) => other.draw());
    }
    this.showReset();
    this.place();
  }

  reset() {
    this.x = null;
    this.panels.forEach((view) => { view.y = null; });
    Promise.all(this.panels.map((view) => view.draw())).then(() => this.place());
    this.showReset();
  }

  showReset() {
    this.part("reset").hidden = !this.x && this.panels.every((view) => !view.y);
  }

  // ---- the time cursor

  scale(x) { return this.data.axis.log ? Math.log10(x) : x; }

  timeOf(step) {
    const [low, high] = this.data.axis.range.map((x) => this.scale(x));
    const at = low + ((high - low) * step) / STEPS;
    return this.data.axis.log ? 10 ** at : at;
  }

  stepOf(x) {
    const [low, high] = this.data.axis.range.map((edge) => this.scale(edge));
    return Math.min(STEPS, Math.max(0, (STEPS * (this.scale(x) - low)) / (high - low)));
  }

  moveTo(step) {
    this.position = Math.min(STEPS, Math.max(0, step));
    this.place();
  }

  place() {
    const { axis, bands } = this.data;
    if (!axis.cursor) return;
    const x = this.timeOf(this.position);
    // The ends of the axis may miss the outer bands by rounding.
    const band = bands.find((b) => x >= b.low * (1 - 1e-9) && x <= b.high * (1 + 1e-9));
    const now = `${axis.symbol} = ${readable(x)}` + (band ? ` · ${band.label}` : "");
    this.part("now").textContent = now;
    const scrub = this.part("scrub");
    scrub.value = Math.round(this.position);
    scrub.setAttribute("aria-valuetext", now);
    this.root.dataset.cursor = x;
    this.panels.forEach((view) => view.place(x));
    this.picture?.place(x);
  }

  // `seconds` is how long to take, else as long as a whole run at the usual speed.
  play(from, to = STEPS, seconds = null) {
    this.stop();
    if (from >= to - 0.5) from = 0;
    const start = performance.now();
    const speed = seconds ? (to - from) / (seconds * 1000) : STEPS / (PLAY_SECONDS * 1000);
    const frame = (time) => {
      const step = from + Math.max(0, time - start) * speed;
      this.moveTo(Math.min(step, to));
      if (step >= to || !this.root.isConnected) return this.stop();
      this.frame = requestAnimationFrame(frame);
    };
    this.frame = requestAnimationFrame(frame);
    this.playing(true);
  }

  stop() {
    cancelAnimationFrame(this.frame);
    this.frame = null;
    this.playing(false);
  }

  playing(on) {
    const button = this.part("play");
    button.textContent = on ? "❚❚" : "►";
    button.setAttribute("aria-label", on ? "Pause" : "Play");
    this.root.dataset.playing = on;
  }

  toggle() { this.frame ? this.stop() : this.play(this.position); }

  step(by) {
    this.stop();
    this.moveTo(Math.round(this.position) + by);
  }

  listen() {
    const actions = {
      back: () => this.step(-1), forward: () => this.step(1),
      play: () => this.toggle(), reset: () => this.reset(),
    };
    for (const [name, action] of Object.entries(actions)) this.part(name).onclick = action;
    this.part("scrub").oninput = (event) => {
      this.stop();
      this.moveTo(Number(event.target.value));
    };
    this.root.addEventListener("keydown", (event) => this.key(event));
    new ResizeObserver(() => this.resized()).observe(this.part("panels"));
    // Streamlit's theme reaches a component as CSS variables; a switch redraws the plots.
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () =>
      setTimeout(() => this.data && this.draw(), 300));
  }

  key(event) {
    if (!this.data?.axis.cursor || event.altKey || event.ctrlKey || event.metaKey) return;
    const big = event.shiftKey ? 20 : 1;
    const action = {
      ArrowLeft: () => this.step(-big), ArrowRight: () => this.step(big),
      Home: () => this.step(-STEPS), End: () => this.step(STEPS),
    }[event.key] ?? (event.key === " " && event.target.tagName !== "BUTTON"
      ? () => this.toggle() : null);
    if (!action) return;
    event.preventDefault();
    action();
  }

  resized() {
    const width = this.part("panels").clientWidth;
    if (!width || width === this.width) return;
    this.width = width;
    if (!this.root.dataset.sketched && !this.revision) return;
    Promise.all(this.panels.map((view) => view.draw())).then(() => this.place());
  }
}

class PanelView {
  constructor(chart) {
    this.chart = chart;
    this.y = null; // the zoomed range of the y axis, or null
    this.box = element("section", "tl-panel");
    this.title = element("h4", "tl-title");
    this.chips = element("div", "tl-chips");
    this.frame = element("div", "tl-frame");
    this.plot = element("div", "tl-plot js-tl-plot");
    this.line = element("div", "tl-cursor");
    this.frame.append(this.plot, this.line);
    this.box.append(this.title, this.chips, this.frame);
    chart.part("panels").append(this.box);
    this.dragCursor();
  }

  remove() {
    window.Plotly?.purge(this.plot);
    this.box.remove();
  }

  describe(panel) {
    this.panel = panel;
    this.box.classList.toggle("tl-wide", panel.wide);
    this.title.textContent = panel.title;
    // Not an img: the plot's own button can be focused.
    this.frame.setAttribute("role", "figure");
    this.frame.setAttribute("aria-label", panel.alt || panel.title);
    this.describeChips();
  }

  describeChips() {
    const names = JSON.stringify(this.panel.traces.map((t) => [t.name, t.colour, t.dash, t.marker]));
    if (names === this.names) return;
    this.names = names;
    this.values = [];
    this.dots = [];
    this.chips.replaceChildren();
    this.frame.querySelectorAll(".tl-dot").forEach((dot) => dot.remove());
    for (const trace of this.panel.traces) {
      const chip = element("button", "tl-chip");
      const value = element("span", "tl-value");
      chip.type = "button";
      chip.title = "Show or hide this curve";
      chip.dataset.trace = trace.name;
      chip.setAttribute("aria-pressed", !this.isHidden(trace));
      chip.append(swatch(trace), element("span", "tl-name", trace.name), value);
      chip.onclick = () => this.toggle(trace, chip);
      const dot = element("div", "tl-dot");
      dot.style.background = trace.colour;
      this.chips.append(chip);
      this.frame.append(dot);
      this.values.push(value);
      this.dots.push(dot);
    }
  }

  id(trace) { return `${this.panel.title}/${trace.name}`; }

  isHidden(trace) { return this.chart.hidden.has(this.id(trace)); }

  toggle(trace, chip) {
    const { hidden } = this.chart;
    hidden.has(this.id(trace)) ? hidden.delete(this.id(trace)) : hidden.add(this.id(trace));
    chip.setAttribute("aria-pressed", !this.isHidden(trace));
    this.draw().then(() => this.chart.place());
  }

  async draw() {
    if (!window.Plotly) return this.sketch();
    this.plot.querySelector(":scope > .tl-sketch")?.remove();
    const config = {
      displaylogo: false, doubleClick: false, responsive: false, displayModeBar: "hover",
      modeBarButtons: [[this.svgButton()]],
    };
    const drawn = window.Plotly.react(this.plot, this.traces(), this.layout(), config);
    if (!this.bound) {
      this.bound = true;
      this.plot.on("plotly_relayout", (event) => this.chart.zoomed(event, this));
      this.plot.on("plotly_doubleclick", () => this.chart.reset());
    }
    return drawn;
  }

  // Curves, lines, bands, their names and the axes, where Plotly will draw them.
  sketch() {
    const { l, r, b } = this.chart.margin();
    const top = this.top();
    const width = this.frame.clientWidth - l - r;
    const height = this.panel.height - top - b;
    const range = this.chart.data.axis.range.map((x) => this.chart.scale(x));
    const xaxis = sketchedAxis(range, l, width, false);
    const yaxis = sketchedAxis(this.sketchedRange(), top, height, true);
    this.sketched = { xaxis, yaxis };
    const clip = svgNode("svg", { x: l, y: top, width, height });
    clip.append(...this.sketchedBands(), ...this.sketchedLines(), ...this.sketchedCurves());
    const svg = svgNode("svg", { width: this.frame.clientWidth, height: this.panel.height,
      class: "tl-sketch" });
    svg.append(clip, ...this.sketchedNames(), ...this.sketchedAxes());
    this.plot.replaceChildren(svg);
  }

  sketchedRange() {
    if (this.panel.range) return this.panel.range.map((y) => this.scaleY(y));
    const ys = this.panel.traces.flatMap((trace) => trace.y).filter((y) => y !== null)
      .map((y) => this.scaleY(y));
    const [low, high] = ys.length ? [Math.min(...ys), Math.max(...ys)] : [0, 1];
    const room = (high - low || 1) / 18; // as Plotly leaves
    return [low - room, high + room];
  }

  sketchedBands() {
    const { xaxis, yaxis } = this.sketched;
    return this.chart.data.bands.map(({ low, high }, i) => {
      const [from, to] = [low, high].map((x) => xaxis.l2p(this.chart.scale(x)));
      return svgNode("rect", { x: from, width: Math.max(0, to - from), height: yaxis._length,
        fill: BAND_COLOURS[i % BAND_COLOURS.length], "fill-opacity": 0.13 });
    });
  }

  sketchedLines() {
    const { xaxis, yaxis } = this.sketched;
    const [width, height] = [xaxis._length, yaxis._length];
    return this.panel.lines.flatMap(({ x, y, label, colour, dash }) => {
      const [across, up] = x === null ? [0, yaxis.l2p(this.scaleY(y))]
        : [xaxis.l2p(this.chart.scale(x)), height];
      return [
        svgNode("path", { d: `M ${across} ${up} ${x === null ? `h ${width}` : `v ${-height}`}`,
          stroke: colour, "stroke-width": 1.4, "stroke-dasharray": DASH_ARRAYS[dash] }),
        svgText(label, x === null ? { x: width - 2, y: up - 4, "text-anchor": "end" }
          : { x: across + 3, y: up - 4, "text-anchor": "start" }),
      ];
    });
  }

  sketchedCurves() {
    const { xaxis, yaxis } = this.sketched;
    return this.panel.traces.filter((trace) => !this.isHidden(trace)).flatMap((trace) => {
      const points = trace.x.flatMap((x, i) => (trace.y[i] === null ? [] : [[
        xaxis.l2p(this.chart.scale(x)).toFixed(1), yaxis.l2p(this.scaleY(trace.y[i])).toFixed(1)]]));
      const line = svgNode("polyline", { points: points.join(" "), fill: "none",
        stroke: trace.colour, "stroke-width": 2.2, "stroke-dasharray": DASH_ARRAYS[trace.dash] });
      const dots = points.map(([cx, cy]) => svgNode("circle", { cx, cy, r: 3.5, fill: trace.colour }));
      return [...(trace.line ? [line] : []), ...(trace.marker ? dots : [])];
    });
  }

  sketchedNames() {
    const { xaxis, yaxis } = this.sketched;
    const line = LABEL_LINE * this.chart.zoom();
    return this.bandNames().flatMap(({ lines, x }) => lines.map((text, i) => svgText(text,
      { x: xaxis._offset + xaxis.l2p(x), y: yaxis._offset - 4 - line * (lines.length - 1 - i) })));
  }

  sketchedAxes() {
    const { xaxis, yaxis } = this.sketched;
    const { axis } = this.chart.data;
    const [left, bottom] = [xaxis._offset, yaxis._offset + yaxis._length];
    const [middle, up] = [left + xaxis._length / 2, yaxis._offset + yaxis._length / 2];
    const small = this.chart.zoom() * 14;
    return [
      svgNode("path", { d: `M ${left} ${yaxis._offset} V ${bottom} h ${xaxis._length}`,
        fill: "none", stroke: "currentColor", "stroke-opacity": 0.4 }),
      ...ticks(xaxis.range, axis.log, xaxis._length / (4 * small)).map(([at, text]) =>
        svgText(text, { x: left + xaxis.l2p(at), y: bottom + small + 2 })),
      ...ticks(yaxis.range, this.panel.logY, yaxis._length / (2 * small)).map(([at, text]) =>
        svgText(text, { x: left - 6, y: yaxis._offset + yaxis.l2p(at) + 4, "text-anchor": "end" })),
      svgText(axis.label, { x: middle, y: this.panel.height - 5 }),
      svgText(this.panel.yLabel, { transform: `translate(${small}, ${up}) rotate(-90)` }),
    ];
  }

  traces() {
    return this.panel.traces.flatMap((trace) => {
      const base = { x: trace.x, type: "scatter", visible: !this.isHidden(trace) };
      const edge = { ...base, mode: "lines", line: { width: 0 }, hoverinfo: "skip",
        showlegend: false };
      const ribbon = (trace.band ?? []).map((y, i) => ({ ...edge, y,
        ...(i ? { fill: "tonexty", fillcolor: trace.colour + "33" } : {}) }));
      const modes = [trace.line && "lines", trace.marker && "markers"].filter(Boolean);
      return [...ribbon, {
        ...base, y: trace.y, name: trace.name, mode: modes.join("+"),
        line: { color: trace.colour, dash: trace.dash, width: 2.2 },
        marker: { color: trace.colour, symbol: trace.marker ?? "circle", size: 7 },
        error_y: trace.error ? { type: "data", array: trace.error, thickness: 1 } : undefined,
        hovertemplate: "%{y:.4g}<extra>" + this.chart.data.axis.symbol + " = %{x:.4g}</extra>",
      }];
    });
  }

  layout() {
    const { axis } = this.chart.data;
    const { text, font } = this.chart.theme();
    const full = (range, log) => (log ? range.map((edge) => Math.log10(edge)) : range);
    const grid = { gridcolor: text + "1f", linecolor: text + "66", tickcolor: text + "66",
      zeroline: false, showline: true, ticks: "outside", ticklen: 4, exponentformat: "power",
      automargin: false };
    const y = this.y ?? (this.panel.range && full(this.panel.range, this.panel.logY));
    const zoom = this.chart.zoom();
    return {
      width: this.frame.clientWidth, height: this.panel.height,
      margin: { ...this.chart.margin(), t: this.top() },
      paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", showlegend: false,
      font: { family: font, size: 12.5 * zoom, color: text },
      hovermode: "closest", uirevision: "keep",
      modebar: { bgcolor: "rgba(0,0,0,0)", color: text + "80", activecolor: text },
      // On a touch screen a drag scrolls the page.
      dragmode: matchMedia("(pointer: coarse)").matches ? false : "zoom",
      xaxis: { ...grid, type: axis.log ? "log" : "linear", title: { text: axis.label, standoff: 6 },
        range: this.chart.x ?? full(axis.range, axis.log), ...(axis.log ? { dtick: this.decades() } : {}) },
      yaxis: { ...grid, type: this.panel.logY ? "log" : "linear",
        title: { text: this.panel.yLabel, standoff: 4 },
        ...(y ? { range: y, autorange: false } : { autorange: true }), ...this.logTicks(y) },
      shapes: [...this.bandShapes(), ...this.panel.lines.map(lineShape)],
      annotations: [...this.bandLabels(text), ...this.panel.lines.map((l) => lineLabel(l, axis.log,
        this.panel.logY, text, 11 * zoom))],
    };
  }

  decades() {
    const [low, high] = this.chart.x ?? this.chart.data.axis.range.map((x) => Math.log10(x));
    const room = Math.max(2, (this.frame.clientWidth - this.chart.margin().l) / (55 * this.chart.zoom()));
    return high - low > 1.5 ? Math.max(1, Math.ceil((high - low) / room)) : undefined;
  }

  logTicks(range) {
    if (!this.panel.logY) return {};
    const y = range ?? this.extent();
    const decades = y ? y[1] - y[0] : 0;
    if (decades > 2) return { dtick: Math.max(1, Math.ceil(decades / 6)) };
    return decades > 0.7 ? { dtick: "D2" } : {};
  }

  extent() {
    const values = this.panel.traces.flatMap((t) => t.y).filter((v) => v > 0);
    return values.length ? [Math.log10(Math.min(...values)), Math.log10(Math.max(...values))] : null;
  }

  bandShapes() {
    return this.chart.data.bands.map((band, i) => ({
      type: "rect", layer: "below", xref: "x", yref: "paper", x0: band.low, x1: band.high,
      y0: 0, y1: 1, line: { width: 0 }, opacity: 0.13,
      fillcolor: BAND_COLOURS[i % BAND_COLOURS.length],
    }));
  }

  // The regimes' names as far as they fit above their bands: [{lines, x}].
  bandNames() {
    const { bands, axis } = this.chart.data;
    const scale = (x) => this.chart.scale(x);
    const [left, right] = this.chart.x ?? axis.range.map(scale);
    const { l, r } = this.chart.margin();
    const width = (this.frame.clientWidth - l - r) / this.chart.zoom();
    return bands.map((band) => {
      const low = Math.max(scale(band.low), left);
      const high = Math.min(scale(band.high), right);
      const room = (width * (high - low)) / (right - left) - 4;
      return { lines: wrap(band.label, room), x: (low + high) / 2 };
    }).filter((name) => name.lines);
  }

  // Pixels above the plot, with room for the names.
  top() { return this.chart.margin().t + this.chart.zoom() * LABEL_LINE * this.labelLines(); }

  labelLines() { return Math.max(0, ...this.bandNames().map((name) => name.lines.length)); }

  bandLabels(text) {
    return this.bandNames().map(({ lines, x }) => ({
      text: lines.join("<br>"), x, y: 1, xref: "x", yref: "paper", yanchor: "bottom",
      showarrow: false, font: { size: 11 * this.chart.zoom(), color: text }, borderpad: 0,
    }));
  }

  svgButton() {
    const icon = window.Plotly.Icons.camera;
    return { name: "svg", title: "Download SVG", icon, click: () => this.download() };
  }

  download() {
    const { text } = this.chart.theme();
    const layout = { ...this.layout(), paper_bgcolor: this.chart.theme().background,
      title: { text: this.panel.title, font: { size: 15, color: text } }, showlegend: true,
      legend: { orientation: "h", y: -0.25 }, width: 900, height: 520,
      margin: { ...MARGIN, t: 48, b: 100 } };
    window.Plotly.downloadImage({ data: this.traces(), layout },
      { format: "svg", filename: this.panel.title.toLowerCase().replace(/[^a-z0-9]+/g, "-"),
        width: 900, height: 520 });
  }

  // ---- cursor

  // Plotly's axes, or those of the sketch, which have the same names.
  axes() { return this.plot._fullLayout?.xaxis ? this.plot._fullLayout : this.sketched; }

  scaleY(y) { return this.panel.logY ? Math.log10(y) : y; }

  place(x) {
    const axes = this.axes();
    if (!axes) return;
    const { xaxis, yaxis } = axes;
    const pixel = xaxis.l2p(this.chart.scale(x));
    const seen = pixel >= -1 && pixel <= xaxis._length + 1;
    this.line.style.display = seen ? "block" : "none";
    this.line.style.height = `${yaxis._length}px`;
    this.line.style.transform = `translate(${xaxis._offset + pixel}px, ${yaxis._offset}px)`;
    this.panel.traces.forEach((trace, i) => {
      const y = interpolate(trace, x, this.chart.data.axis.log, this.panel.logY);
      this.values[i].textContent = y === null ? "–" : readable(y);
      const height = y === null ? NaN : yaxis.l2p(this.scaleY(y));
      const shown = seen && !this.isHidden(trace) && height >= -1 && height <= yaxis._length + 1;
      this.dots[i].style.display = shown ? "block" : "none";
      if (shown) this.dots[i].style.transform =
        `translate(${xaxis._offset + pixel}px, ${yaxis._offset + height}px)`;
    });
  }

  dragCursor() {
    this.line.onpointerdown = (event) => {
      event.preventDefault();
      this.chart.stop();
      this.line.setPointerCapture(event.pointerId);
    };
    this.line.onpointermove = (event) => {
      if (!this.line.hasPointerCapture(event.pointerId)) return;
      const { xaxis } = this.axes();
      const at = xaxis.p2l(event.clientX - this.frame.getBoundingClientRect().left - xaxis._offset);
      this.chart.moveTo(this.chart.stepOf(this.chart.data.axis.log ? 10 ** at : at));
    };
  }
}

// The neurons on the sphere around the latent direction u, seen from a little above the equator.
const TILT = (22 * Math.PI) / 180;
const RADIUS = 100;

class PictureView {
  constructor(chart) {
    this.chart = chart;
    this.box = element("section", "tl-panel tl-picture");
    this.box.dataset.testid = "tl-picture";
    this.title = element("h4", "tl-title");
    this.svg = svgNode("svg", { viewBox: "-128 -138 272 268", role: "img", class: "tl-sphere" });
    this.note = element("div", "tl-note");
    this.box.append(this.title, this.svg, this.note);
    chart.part("panels").children[0]?.after(this.box);
    this.scenery();
  }

  remove() { this.box.remove(); }

  scenery() {
    const ink = { fill: "none", stroke: "currentColor" };
    const flat = RADIUS * Math.sin(TILT);
    const pole = -RADIUS * Math.cos(TILT);
    this.svg.append(
      svgNode("circle", { r: RADIUS, ...ink, "stroke-opacity": 0.45 }),
      svgNode("ellipse", { rx: RADIUS, ry: flat, ...ink, "stroke-opacity": 0.3,
        "stroke-dasharray": "3 4" }),
      svgNode("line", { x1: 0, y1: 0, x2: 0, y2: pole - 24, ...ink, "stroke-width": 1.5 }),
      svgNode("path", { d: `M -5 ${pole - 18} L 0 ${pole - 28} L 5 ${pole - 18} Z`,
        fill: "currentColor" }),
      svgNode("rect", { x: 124, y: -RADIUS, width: 9, height: 2 * RADIUS, ...ink,
        "stroke-opacity": 0.3 }));
    this.label(9, pole - 20, "u");
    this.label(124, RADIUS + 16, "a");
    this.ring = svgNode("ellipse", { ...ink, stroke: "#56B4E9", "stroke-width": 1.5 });
    this.bar = svgNode("rect", { x: 124, width: 9, fill: "#CC79A7" });
    this.dots = svgNode("g", {});
    this.svg.append(this.ring, this.dots, this.bar);
  }

  label(x, y, text) {
    this.svg.append(svgText(text, { x, y, "text-anchor": "start", "font-size": 15,
      "font-style": "italic" }));
  }

  describe(picture) {
    this.picture = picture;
    this.title.textContent = picture.title;
    this.svg.setAttribute("aria-label", picture.alt);
    this.most = Math.max(...picture.a.map(Math.abs));
    const count = picture.start[0].length;
    if (this.dots.childElementCount === count) return;
    this.dots.replaceChildren(...Array.from({ length: count }, () => svgNode("circle", {})));
  }

  at(name, x) {
    const { t } = this.picture;
    const inside = Math.min(Math.max(x, t[0]), t.at(-1));
    return interpolate({ x: t, y: this.picture[name] }, inside, this.chart.data.axis.log, false);
  }

  place(x) {
    const { start, fresh, common } = this.picture;
    const [v, a, kept, own, shared] = ["v", "a", "kept", "own", "shared"].map((n) => this.at(n, x));
    const width = Math.sqrt(Math.max(0, 1 - v * v));
    const [sin, cos] = [Math.sin(TILT), Math.cos(TILT)];
    for (const [i, dot] of [...this.dots.children].entries()) {
      const [p, q] = [0, 1].map((k) => kept * start[k][i] + own * fresh[k][i] + shared * common[k]);
      const long = Math.hypot(p, q) || 1;
      const [right, away] = [(width * p) / long, (width * q) / long];
      const near = v * sin - away * cos;
      dot.setAttribute("cx", (RADIUS * right).toFixed(1));
      dot.setAttribute("cy", (-RADIUS * (v * cos + away * sin)).toFixed(1));
      dot.setAttribute("r", (4 + near).toFixed(2));
      dot.setAttribute("fill", near > 0 ? "#0072B2" : "#56B4E9");
      dot.setAttribute("fill-opacity", near > 0 ? 0.9 : 0.45);
    }
    this.ring.setAttribute("cy", (-RADIUS * v * cos).toFixed(1));
    this.ring.setAttribute("rx", (RADIUS * width).toFixed(1));
    this.ring.setAttribute("ry", (RADIUS * width * sin).toFixed(1));
    const height = (2 * RADIUS * Math.abs(a)) / (this.most || 1);
    this.bar.setAttribute("y", (RADIUS - height).toFixed(1));
    this.bar.setAttribute("height", height.toFixed(1));
    this.note.textContent = `height v = ${readable(v)}, a = ${readable(a)}; `
      + `overlap with own start ${readable(kept)}`;
    this.box.dataset.height = v;
  }
}

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

function sketchedAxis(range, _offset, _length, upwards) {
  const [from, to] = upwards ? [range[1], range[0]] : range;
  return { range, _offset, _length,
    l2p: (value) => (_length * (value - from)) / (to - from || 1),
    p2l: (pixel) => from + (pixel / _length) * (to - from) };
}

// At most about `room` round values in a range: [[place on the axis, label]].
function ticks([low, high], log, room) {
  const least = (high - low) / Math.max(2, room);
  if (log && high - low < 1.5) {
    const from = Math.floor(low);
    return [0, 1].flatMap((decade) => [1, 2, 5].map((digit) => digit * 10 ** (from + decade)))
      .map((value) => [Math.log10(value), readable(value)])
      .filter(([at]) => at >= low && at <= high);
  }
  const power = 10 ** Math.floor(Math.log10(least));
  const step = log ? Math.ceil(least) : power * [1, 2, 5, 10].find((n) => n * power >= least);
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, i) => (first + i) * step)
    .map((at) => [at, log && Math.abs(at) > 3 ? `10${superscript(at)}`
      : readable(log ? 10 ** at : at)]);
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
