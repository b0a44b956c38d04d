// One panel: title, chips that hide curves, the plot and the cursor's line across it.
class PanelView {
  constructor(chart) {
    this.chart = chart;
    this.y = null; // the zoomed range of the y axis, or null
    this.box = element("section", "tl-panel");
    this.title = element("h2", "tl-title");
    this.chips = element("div", "tl-chips");
    this.frame = element("div", "tl-frame");
    this.plot = element("div", "tl-plot js-tl-plot");
    this.line = element("div", "tl-cursor");
    this.over = svgNode("svg", { class: "tl-sketch", "aria-hidden": "true" });
    this.frame.append(this.plot, this.over, this.line);
    const head = element("div", "tl-head");
    head.append(this.title, this.chips);
    this.box.append(head, this.frame);
    chart.part("panels").append(this.box);
    this.followPointer();
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
    this.frame.style.minHeight = `${this.height()}px`; // the plot's room until plotly.js has come
    this.frame.setAttribute("role", "figure");
    this.frame.setAttribute("aria-label", panel.alt || panel.title);
    this.describeChips();
  }

  describeChips() {
    this.chipped = this.panel.traces.filter((trace) => trace.chip);
    const names = JSON.stringify(this.chipped.map((t) => [t.name, t.of, t.colour, t.dash, t.marker]));
    if (names === this.names) return;
    this.names = names;
    this.values = [];
    this.dots = [];
    this.chips.replaceChildren();
    this.frame.querySelectorAll(".tl-dot").forEach((dot) => dot.remove());
    for (const trace of this.chipped) {
      const chip = element("button", "tl-chip");
      const value = element("span", "tl-value");
      chip.type = "button";
      chip.title = "Show or hide this curve";
      chip.dataset.trace = trace.name;
      chip.setAttribute("aria-pressed", !this.isHidden(trace));
      chip.append(swatch(trace), element("span", "tl-name", trace.of), value);
      chip.onclick = () => this.toggle(trace, chip);
      const dot = element("div", "tl-dot");
      dot.style.background = trace.colour;
      this.chips.append(chip);
      this.frame.append(dot);
      this.values.push(value);
      this.dots.push(dot);
    }
  }

  id(trace) { return `${this.panel.title}/${trace.of}`; }

  isHidden(trace) { return this.chart.hidden.has(this.id(trace)); }

  toggle(trace, chip) {
    const { hidden } = this.chart;
    hidden.has(this.id(trace)) ? hidden.delete(this.id(trace)) : hidden.add(this.id(trace));
    chip.setAttribute("aria-pressed", !this.isHidden(trace));
    this.draw().then(() => this.chart.place());
  }

  async draw() {
    if (!window.Plotly) return; // on its way; the chart draws all panels when it comes
    const config = {
      displaylogo: false, doubleClick: false, showTips: false, responsive: false, displayModeBar: "hover",
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
        line: { color: trace.colour, dash: trace.dash, width: trace.width },
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
      tickfont: { size: 14 * this.chart.zoom() }, zeroline: false, showline: true, ticks: "outside", ticklen: 4, exponentformat: "power",
      automargin: false };
    const y = this.y ?? (this.panel.range && full(this.panel.range, this.panel.logY));
    const zoom = this.chart.zoom();
    return {
      width: this.frame.clientWidth, height: this.height(),
      margin: { ...this.chart.margin(), t: this.top() },
      paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", showlegend: false,
      font: { family: font, size: 12.5 * zoom, color: text },
      hovermode: "closest", uirevision: "keep",
      modebar: { bgcolor: "rgba(0,0,0,0)", color: text + "80", activecolor: text },
      // On a touch screen a drag scrolls the page.
      dragmode: matchMedia("(pointer: coarse)").matches ? false : "zoom",
      xaxis: { ...grid, type: axis.log ? "log" : "linear", title: { text: axis.label, standoff: 6 },
        range: this.chart.x ?? full(axis.range, axis.log), ...this.timeTicks() },
      yaxis: { ...grid, type: this.panel.logY ? "log" : "linear",
        title: { text: this.panel.yLabel, standoff: 4 },
        ...(y ? { range: y, autorange: false } : { autorange: true }), ...this.errorTicks(y) },
      shapes: [...this.bandShapes(), ...this.scaleTicks(text), ...this.panel.lines.map(lineShape)],
      annotations: [...this.bandLabels(text), ...this.scaleLabels(text), ...this.panel.lines.map((l) => lineLabel(l, axis.log,
        this.panel.logY, text, 11 * zoom))],
    };
  }

  height() { return Math.max(this.panel.height, Math.round(this.panel.share * innerHeight)); }

  timeTicks() {
    const { axis } = this.chart.data;
    if (!axis.log) return {};
    const [low, high] = this.chart.x ?? axis.range.map((x) => Math.log10(x));
    const width = this.frame.clientWidth - this.chart.margin().l;
    return logTicks(low, high, Math.max(2, width / (55 * this.chart.zoom())));
  }

  errorTicks(range) {
    const ends = this.panel.logY && (range ?? this.extent());
    return ends ? logTicks(...ends, this.height() / (45 * this.chart.zoom())) : {};
  }

  extent() {
    const values = this.panel.traces.flatMap((t) => t.y).filter((v) => v > 0);
    return values.length ? [Math.log10(Math.min(...values)), Math.log10(Math.max(...values))] : null;
  }

  bandShapes() {
    return this.chart.data.bands.map((band, i) => ({
      type: "rect", layer: "below", xref: "x", yref: "paper", x0: band.low, x1: band.high,
      y0: 0, y1: 1, line: { width: 0 }, opacity: 0.13,
      fillcolor: band.colour ?? BAND_COLOURS[i % BAND_COLOURS.length],
    }));
  }

  // Ticks of the second axis, above the plot: those in sight.
  scales() {
    const { axis } = this.chart.data;
    const [low, high] = this.chart.x ?? axis.range.map((x) => this.chart.scale(x));
    const { l, r } = this.chart.margin();
    const pixels = (this.frame.clientWidth - l - r) / (high - low) / this.chart.zoom();
    const seen = !this.panel.wide ? [] : (axis.scales ?? []).filter(({ x }) =>
      this.chart.scale(x) >= low && this.chart.scale(x) <= high);
    return seen.filter(({ x }, i) => i === seen.length - 1
      || (this.chart.scale(seen[i + 1].x) - this.chart.scale(x)) * pixels > SCALE_ROOM);
  }

  scaleTicks(text) {
    return this.scales().map(({ x }) => ({ type: "line", xref: "x", yref: "paper", x0: x, x1: x,
      y0: 1, y1: 1.02, line: { color: text, width: 1.2 } }));
  }

  scaleLabels(text) {
    return this.scales().map(({ x, label }) => ({ text: label, x: this.chart.scale(x), y: 1,
      yshift: 3, xref: "x", yref: "paper", yanchor: "bottom", showarrow: false, borderpad: 0,
      font: { size: 11 * this.chart.zoom(), color: text } }));
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
      return { lines: wrap(band.label, (room * NAME_SIZE) / this.chart.nameSize()), x: (low + high) / 2 };
    }).filter((name) => name.lines);
  }

  // Pixels above the plot, with room for the names.
  top() {
    return this.chart.margin().t + this.scaleRow()
      + this.chart.zoom() * LABEL_LINE * (this.chart.nameSize() / NAME_SIZE) * this.labelLines();
  }

  // The height of the second axis; kept while its ticks are out of sight.
  scaleRow() {
    const row = this.panel.wide && this.chart.data.axis.scales?.length;
    return row ? LABEL_LINE * this.chart.zoom() : 0;
  }

  labelLines() { return Math.max(0, ...this.bandNames().map((name) => name.lines.length)); }

  bandLabels(text) {
    return this.bandNames().map(({ lines, x }) => ({
      text: lines.join("<br>"), x, y: 1, yshift: this.scaleRow(), xref: "x", yref: "paper",
      yanchor: "bottom",
      showarrow: false, font: { size: this.chart.nameSize() * this.chart.zoom(), color: text }, borderpad: 0,
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

  // ---- while a slider is dragged

  // Bands, lines and curves over the axes that Plotly has drawn.
  sketch() {
    const axes = this.axes();
    if (!axes) return;
    const { xaxis, yaxis } = axes;
    const zoom = this.chart.zoom();
    const inside = svgNode("svg", { x: xaxis._offset, y: yaxis._offset, width: xaxis._length,
      height: yaxis._length });
    const at = (x) => xaxis.l2p(this.chart.scale(x));
    const up = (y) => yaxis.l2p(this.scaleY(y));
    const bands = this.chart.data.bands.map((band, i) => svgNode("rect", {
      x: at(band.low), width: Math.max(0, at(band.high) - at(band.low)), y: 0,
      height: yaxis._length, fill: band.colour ?? BAND_COLOURS[i % BAND_COLOURS.length], opacity: 0.13 }));
    const lines = this.panel.lines.flatMap((line) => {
      const across = line.x === null;
      const place = across ? up(line.y) : at(line.x);
      const ends = across ? { x1: 0, x2: xaxis._length, y1: place, y2: place }
        : { x1: place, x2: place, y1: 0, y2: yaxis._length };
      return [
        svgNode("line", { ...ends, stroke: line.colour, "stroke-width": 1.4,
          "stroke-dasharray": dashArray(line.dash, 1.4) }),
        svgText(line.label, { x: across ? xaxis._length - 4 : place + 4,
          y: across ? place - 4 : yaxis._length - 4, "font-size": 11 * zoom,
          "text-anchor": across ? "end" : "start" })];
    });
    const curves = this.panel.traces.filter((trace) => trace.line && !this.isHidden(trace)).map(
      (trace) => svgNode("path", { d: outline(trace, at, up), fill: "none", stroke: trace.colour,
        "stroke-width": trace.width, "stroke-dasharray": dashArray(trace.dash, trace.width),
        "data-trace": trace.name }));
    inside.append(...bands, ...lines, ...curves);
    const size = this.chart.nameSize() * zoom;
    const names = this.bandNames().map(({ lines: words, x }) => {
      const label = svgText("", { "font-size": size });
      label.append(...words.map((word, i) => {
        const row = svgNode("tspan", { x: xaxis._offset + xaxis.l2p(x),
          y: yaxis._offset - this.scaleRow() - 5 - 1.3 * size * (words.length - 1 - i) });
        row.textContent = word;
        return row;
      }));
      return label;
    });
    const ticks = this.scales().map(({ x, label }) => svgText(label, { "font-size": 11 * zoom,
      x: xaxis._offset + at(x), y: yaxis._offset - 6 }));
    this.over.replaceChildren(inside, ...names, ...ticks);
  }

  // ---- cursor

  // Plotly's axes, once it has drawn.
  axes() { return this.plot._fullLayout?.xaxis && this.plot._fullLayout; }

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
    this.chipped.forEach((trace, i) => {
      const y = interpolate(trace, x, this.chart.data.axis.log, this.panel.logY);
      this.values[i].textContent = y === null ? "–" : readable(y);
      const height = y === null ? NaN : yaxis.l2p(this.scaleY(y));
      const shown = seen && !this.isHidden(trace) && height >= -1 && height <= yaxis._length + 1;
      this.dots[i].style.display = shown ? "block" : "none";
      if (shown) this.dots[i].style.transform =
        `translate(${xaxis._offset + pixel}px, ${yaxis._offset + height}px)`;
    });
  }

  // The cursor follows a mouse over the plot, unless it plays, and a finger across it.
  followPointer() {
    this.frame.onpointermove = (event) => {
      const axes = this.axes();
      const { data, frame: playing } = this.chart;
      if (!axes || !data.axis.cursor || playing || (event.pointerType === "mouse" && event.buttons))
        return;
      const { xaxis, yaxis } = axes;
      const box = this.frame.getBoundingClientRect();
      const right = event.clientX - box.left - xaxis._offset;
      const down = event.clientY - box.top - yaxis._offset;
      if (right < 0 || right > xaxis._length || down < 0 || down > yaxis._length) return;
      const at = xaxis.p2l(right);
      this.chart.moveTo(this.chart.stepOf(data.axis.log ? 10 ** at : at));
    };
  }
}
