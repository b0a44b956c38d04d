// The neurons on the sphere around the latent direction u, seen from a little above the equator.
const TILT = (22 * Math.PI) / 180;
const RADIUS = 100;

class PictureView {
  constructor(chart) {
    this.chart = chart;
    this.box = element("section", "tl-panel tl-picture");
    this.box.dataset.testid = "tl-picture";
    this.title = element("h2", "tl-title");
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
