// A panel before plotly.js has come: curves, lines, bands, their names and the axes, where Plotly
// will draw them.
class Sketch {
  constructor(view) {
    this.view = view;
    this.at = null; // its axes, with Plotly's names
  }

  draw() {
    const { l, r, b } = this.view.chart.margin();
    const top = this.view.top();
    const width = this.view.frame.clientWidth - l - r;
    const height = this.view.panel.height - top - b;
    const range = this.view.chart.data.axis.range.map((x) => this.view.chart.scale(x));
    const xaxis = sketchedAxis(range, l, width, false);
    const yaxis = sketchedAxis(this.range(), top, height, true);
    this.at = { xaxis, yaxis };
    const clip = svgNode("svg", { x: l, y: top, width, height });
    clip.append(...this.bands(), ...this.lines(), ...this.curves());
    const svg = svgNode("svg", { width: this.view.frame.clientWidth, height: this.view.panel.height,
      class: "tl-sketch" });
    svg.append(clip, ...this.names(), ...this.axes());
    this.view.plot.replaceChildren(svg);
  }

  range() {
    if (this.view.panel.range) return this.view.panel.range.map((y) => this.view.scaleY(y));
    const ys = this.view.panel.traces.flatMap((trace) => trace.y).filter((y) => y !== null)
      .map((y) => this.view.scaleY(y));
    const [low, high] = ys.length ? [Math.min(...ys), Math.max(...ys)] : [0, 1];
    const room = (high - low || 1) / 18; // as Plotly leaves
    return [low - room, high + room];
  }

  bands() {
    const { xaxis, yaxis } = this.at;
    return this.view.chart.data.bands.map(({ low, high }, i) => {
      const [from, to] = [low, high].map((x) => xaxis.l2p(this.view.chart.scale(x)));
      return svgNode("rect", { x: from, width: Math.max(0, to - from), height: yaxis._length,
        fill: BAND_COLOURS[i % BAND_COLOURS.length], "fill-opacity": 0.13 });
    });
  }

  lines() {
    const { xaxis, yaxis } = this.at;
    const [width, height] = [xaxis._length, yaxis._length];
    return this.view.panel.lines.flatMap(({ x, y, label, colour, dash }) => {
      const [across, up] = x === null ? [0, yaxis.l2p(this.view.scaleY(y))]
        : [xaxis.l2p(this.view.chart.scale(x)), height];
      return [
        svgNode("path", { d: `M ${across} ${up} ${x === null ? `h ${width}` : `v ${-height}`}`,
          stroke: colour, "stroke-width": 1.4, "stroke-dasharray": DASH_ARRAYS[dash] }),
        svgText(label, x === null ? { x: width - 2, y: up - 4, "text-anchor": "end" }
          : { x: across + 3, y: up - 4, "text-anchor": "start" }),
      ];
    });
  }

  curves() {
    const { xaxis, yaxis } = this.at;
    return this.view.panel.traces.filter((trace) => !this.view.isHidden(trace)).flatMap((trace) => {
      const points = trace.x.flatMap((x, i) => (trace.y[i] === null ? [] : [[
        xaxis.l2p(this.view.chart.scale(x)).toFixed(1), yaxis.l2p(this.view.scaleY(trace.y[i])).toFixed(1)]]));
      const line = svgNode("polyline", { points: points.join(" "), fill: "none",
        stroke: trace.colour, "stroke-width": trace.width, "stroke-dasharray": DASH_ARRAYS[trace.dash] });
      const dots = points.map(([cx, cy]) => svgNode("circle", { cx, cy, r: 3.5, fill: trace.colour }));
      return [...(trace.line ? [line] : []), ...(trace.marker ? dots : [])];
    });
  }

  names() {
    const { xaxis, yaxis } = this.at;
    const line = LABEL_LINE * this.view.chart.zoom();
    return this.view.bandNames().flatMap(({ lines, x }) => lines.map((text, i) => svgText(text,
      { x: xaxis._offset + xaxis.l2p(x), y: yaxis._offset - 4 - line * (lines.length - 1 - i) })));
  }

  axes() {
    const { xaxis, yaxis } = this.at;
    const { axis } = this.view.chart.data;
    const [left, bottom] = [xaxis._offset, yaxis._offset + yaxis._length];
    const [middle, up] = [left + xaxis._length / 2, yaxis._offset + yaxis._length / 2];
    const small = this.view.chart.zoom() * 14;
    return [
      svgNode("path", { d: `M ${left} ${yaxis._offset} V ${bottom} h ${xaxis._length}`,
        fill: "none", stroke: "currentColor", "stroke-opacity": 0.4 }),
      ...ticks(xaxis.range, axis.log, xaxis._length / (4 * small)).map(([at, text]) =>
        svgText(text, { x: left + xaxis.l2p(at), y: bottom + small + 2 })),
      ...ticks(yaxis.range, this.view.panel.logY, yaxis._length / (2 * small)).map(([at, text]) =>
        svgText(text, { x: left - 6, y: yaxis._offset + yaxis.l2p(at) + 4, "text-anchor": "end" })),
      svgText(axis.label, { x: middle, y: this.view.panel.height - 5 }),
      svgText(this.view.panel.yLabel, { transform: `translate(${small}, ${up}) rotate(-90)` }),
    ];
  }
}

function sketchedAxis(range, _offset, _length, upwards) {
  const [from, to] = upwards ? [range[1], range[0]] : range;
  return { range, _offset, _length,
    l2p: (value) => (_length * (value - from)) / (to - from || 1),
    p2l: (pixel) => from + (pixel / _length) * (to - from) };
}
