// The neurons on the sphere around the latent direction u, seen from a little above the equator:
// of every group its own colour, heights and bar.  Of several directions u₁ points up, u₂ to the
// right, and u₃, or one of the other directions, away.  Below it, if asked for, the overlaps of groups.
const TILT = (22 * Math.PI) / 180;
const RADIUS = 100;
const BAR = { left: 116, width: 22 };

class PictureView {
  constructor(chart) {
    this.chart = chart;
    this.box = element("section", "tl-panel tl-picture");
    this.box.dataset.testid = "tl-picture";
    this.title = element("h2", "tl-title");
    this.svg = svgNode("svg", { viewBox: "-128 -138 272 268", role: "img", class: "tl-sphere" });
    this.note = element("div", "tl-note");
    this.overlaps = svgNode("svg", { role: "img", class: "tl-overlaps" });
    this.box.append(this.title, this.svg, this.note, this.overlaps);
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
      svgNode("rect", { x: BAR.left, y: -RADIUS, width: BAR.width, height: 2 * RADIUS, ...ink,
        "stroke-opacity": 0.3 }));
    this.pole = this.label(9, pole - 20, "u");
    this.right = this.label(RADIUS - 22, -7, "");
    this.axis = svgNode("line", { x1: 0, y1: 0, x2: RADIUS, y2: 0, ...ink, "stroke-width": 1.5 });
    this.svg.append(this.axis);
    this.label(BAR.left + BAR.width / 2 - 4, RADIUS + 16, "a");
    this.groups = svgNode("g", {});
    this.svg.append(this.groups);
  }

  label(x, y, text) {
    const node = svgText(text, { x, y, "text-anchor": "start", "font-size": 15,
      "font-style": "italic" });
    this.svg.append(node);
    return node;
  }

  describe(picture) {
    this.picture = picture;
    this.title.textContent = picture.title;
    const [up, right] = picture.directions;
    this.pole.textContent = up ?? "u";
    this.right.textContent = right ?? "";
    this.axis.style.display = right ? "" : "none";
    this.svg.setAttribute("aria-label", picture.alt);
    const weights = picture.clusters.flatMap((cluster) => cluster.a);
    this.most = Math.max(...weights.map(Math.abs)) || 1;
    this.signed = Math.min(...weights) < 0;
    const wide = BAR.width / picture.clusters.length;
    this.drawn = picture.clusters.map((cluster, g) => {
      const { colour } = cluster;
      const ring = svgNode(cluster.along ? "line" : "ellipse", { fill: "none", stroke: colour,
        "stroke-opacity": 0.7, "stroke-width": 1.5 });
      const dots = cluster.start[0].map(() => svgNode("circle", { fill: colour }));
      const bar = svgNode("rect", { x: BAR.left + g * wide, width: wide, fill: colour });
      return { cluster, ring, dots, bar };
    });
    this.groups.replaceChildren(...this.drawn.flatMap(({ ring, dots, bar }) =>
      [ring, ...dots, bar]));
    this.describeOverlaps(picture);
  }

  // A square for each pair of groups, numbered along both sides.
  describeOverlaps({ overlaps, overlapsAlt }) {
    const count = overlaps?.length ?? 0;
    this.overlaps.style.display = count ? "" : "none";
    this.overlaps.setAttribute("viewBox", `-0.6 -0.6 ${count + 0.7} ${count + 0.7}`);
    this.overlaps.setAttribute("aria-label", overlapsAlt ?? "");
    this.cells = (overlaps ?? []).flatMap((row, g) => row.map((values, l) => ({
      values,
      cell: svgNode("rect", { x: l, y: g, width: 0.96, height: 0.96 }),
      label: svgText("", { x: l + 0.48, y: g + 0.6, "font-size": 0.32 }),
    })));
    const numbers = (overlaps ?? []).flatMap((row, g) => [
      svgText(g + 1, { x: g + 0.48, y: -0.15, "font-size": 0.34 }),
      svgText(g + 1, { x: -0.3, y: g + 0.6, "font-size": 0.34 })]);
    this.overlaps.replaceChildren(...numbers,
      ...this.cells.flatMap(({ cell, label }) => [cell, label]));
  }

  placeOverlaps(x) {
    for (const { values, cell, label } of this.cells) {
      const overlap = this.at(values, x);
      cell.setAttribute("fill", overlap > 0 ? "#0072B2" : "#E69F00");
      cell.setAttribute("fill-opacity", (0.6 * Math.min(1, Math.abs(overlap))).toFixed(3));
      label.textContent = overlap.toFixed(2).replace("-", "−");
    }
  }

  at(values, x) {
    const { t } = this.picture;
    const inside = Math.min(Math.max(x, t[0]), t.at(-1));
    return interpolate({ x: t, y: values }, inside, this.chart.data.axis.log, false);
  }

  place(x) {
    this.drawn.forEach((group) => this.placeGroup(group, x));
    this.placeOverlaps(x);
    const [v, a] = ["v", "a"].map((name) => this.at(this.picture[name], x));
    const mean = this.drawn.length > 1 ? "mean " : "";
    const { along } = this.drawn[0].cluster;
    const kept = this.drawn.length > 1 ? ""
      : `; overlap with own start ${readable(this.at(this.drawn[0].cluster.kept, x))}`;
    const height = along && !mean
      ? along.map((line, i) => `v${"₁₂₃"[i]} = ${readable(this.at(line, x))}`).join(", ")
      : `${along ? "‖mean v‖" : `${mean}height v`} = ${readable(v)}`;
    this.note.textContent = `${height}, ${mean}a = ${readable(a)}${kept}`;
    this.box.dataset.height = v;
  }

  placeGroup({ cluster, ring, dots, bar }, x) {
    const [v, a, kept, own] = ["v", "a", "kept", "own"].map((name) => this.at(cluster[name], x));
    const shared = cluster.shared.map((values) => this.at(values, x));
    const along = cluster.along?.map((values) => this.at(values, x));
    const width = Math.sqrt(Math.max(0, 1 - v * v));
    const [sin, cos] = [Math.sin(TILT), Math.cos(TILT)];
    for (const [i, dot] of dots.entries()) {
      const [p, q] = [0, 1].map((k) =>
        kept * cluster.start[k][i] + own * cluster.fresh[k][i] + shared[k]);
      const long = Math.hypot(p, q) || 1;
      const rest = [(width * p) / long, (width * q) / long];
      const [up, right, away] = [along?.[0] ?? v, along?.[1] ?? rest[0], along?.[2] ?? rest[1]];
      const near = up * sin - away * cos;
      dot.setAttribute("cx", (RADIUS * right).toFixed(1));
      dot.setAttribute("cy", (-RADIUS * (up * cos + away * sin)).toFixed(1));
      dot.setAttribute("r", (4 + near).toFixed(2));
      dot.setAttribute("fill-opacity", near > 0 ? 0.9 : 0.4);
    }
    const place = along
      ? { x2: along[1] ?? 0, y2: -(along[0] * cos + (along[2] ?? 0) * sin) }
      : { cy: -v * cos, rx: width, ry: width * sin };
    for (const [name, value] of Object.entries(place)) {
      ring.setAttribute(name, (RADIUS * value).toFixed(1));
    }
    // Weights of both signs grow up and down from the middle.
    const long = ((this.signed ? 1 : 2) * RADIUS * Math.abs(a)) / this.most;
    const foot = this.signed ? 0 : RADIUS;
    bar.setAttribute("y", (a < 0 ? foot : foot - long).toFixed(1));
    bar.setAttribute("height", long.toFixed(1));
  }
}
