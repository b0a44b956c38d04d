// The first plot and the neurons as they play, recorded by the browser as a video for slides.
const FILM = { width: 1280, height: 720, rate: 30, bits: 6e6, seconds: 12, still: 1 };
const FILM_TYPES = ["video/webm;codecs=vp9", "video/webm;codecs=vp8", "video/webm"];
const FILM_PLOT = { left: 120, top: 150, bottom: 600, right: 1220, beside: 850 };
const FILM_SPHERE = { left: 900, top: 150, width: 340 };

class Film {
  constructor(chart) {
    this.chart = chart;
    this.button = chart.part("film");
    this.type = window.MediaRecorder && HTMLCanvasElement.prototype.captureStream
      && FILM_TYPES.find((type) => MediaRecorder.isTypeSupported(type));
    this.button.onclick = () => (this.recorder ? chart.stop() : this.start());
    this.say();
  }

  // What the button does; in a browser that records nothing it says so.
  say() {
    this.button.disabled = !this.type;
    this.button.textContent = !this.type ? "No video in this browser"
      : this.recorder ? "End video" : "Video";
    this.button.title = this.type ? "Play the figure and save it as WebM, for slides"
      : "This browser cannot record WebM; Chromium and Firefox can.";
  }

  start() {
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [FILM.width, FILM.height];
    this.pen = canvas.getContext("2d");
    const { chart } = this;
    chart.play(0, STEPS, FILM.seconds);
    const recorder = new MediaRecorder(canvas.captureStream(FILM.rate),
      { mimeType: this.type, videoBitsPerSecond: FILM.bits });
    const pieces = [];
    recorder.ondataavailable = ({ data }) => pieces.push(data);
    recorder.onstop = () => this.save(new Blob(pieces, { type: "video/webm" }));
    this.recorder = recorder;
    this.frame();
    recorder.start();
    this.say();
  }

  // The chart has stopped playing: the last picture stays for a moment.
  end() {
    const { recorder } = this;
    if (!recorder) return;
    this.recorder = null;
    this.draw();
    setTimeout(() => { this.draw(); recorder.stop(); }, 1000 * FILM.still);
    this.say();
  }

  save(film) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(film);
    link.download = `${this.chart.data.file}.webm`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  }

  // One picture for each step of the cursor.
  frame() { if (this.recorder) this.draw(); }

  draw() {
    const { pen, chart } = this;
    const theme = chart.theme();
    const { text, background, font } = theme;
    pen.globalAlpha = 1;
    pen.fillStyle = background;
    pen.fillRect(0, 0, FILM.width, FILM.height);
    const write = (words, x, y, size, align = "left", weight = 400) => {
      pen.font = `${weight} ${size}px ${font}`;
      pen.textAlign = align;
      pen.fillStyle = text;
      pen.fillText(words, x, y);
    };
    write(chart.data.headline, 40, 60, 34, "left", 700);
    this.drawPlot(theme, write);
    write(chart.part("now").textContent, FILM_PLOT.left, 690, 24, "left", 600);
    write(chart.data.file, FILM.width - 40, 690, 18, "right");
    if (chart.picture) drawSvg(pen, chart.picture.svg, FILM_SPHERE, theme);
  }

  drawPlot({ text }, write) {
    const { pen, chart } = this;
    const [view] = chart.panels;
    const { xaxis, yaxis } = view.axes();
    const { left, top, bottom } = FILM_PLOT;
    const right = chart.picture ? FILM_PLOT.beside : FILM_PLOT.right;
    const [wide, high] = [right - left, bottom - top];
    const across = (v) => left + (wide * (v - xaxis.range[0])) / (xaxis.range[1] - xaxis.range[0]);
    const upward = (v) => bottom - (high * (v - yaxis.range[0])) / (yaxis.range[1] - yaxis.range[0]);
    const at = (x) => across(chart.scale(x));
    const up = (y) => upward(view.scaleY(y));
    for (const { lines, x } of view.bandNames())
      lines.forEach((line, i) => write(line, across(x),
        top - 12 - 20 * (lines.length - 1 - i), 18, "center"));
    for (const { x, text: tick } of xaxis._vals) write(tick, across(x), bottom + 28, 18, "center");
    for (const { x, text: tick } of yaxis._vals) write(tick, left - 10, upward(x) + 6, 18, "right");
    write(chart.data.axis.label, left + wide / 2, bottom + 56, 20, "center");
    let place = left;
    for (const [i, trace] of view.chipped.entries()) {
      if (view.isHidden(trace)) continue;
      this.line([[place, 96], [place + 40, 96]], trace.colour, 3, trace.dash);
      const words = `${trace.of} ${view.values[i].textContent}`;
      write(words, place + 50, 102, 20);
      place += 90 + pen.measureText(words).width;
    }
    for (const { label, colour } of chart.data.runs) {
      pen.fillStyle = colour;
      pen.fillRect(place, 84, 24, 20);
      write(label, place + 32, 102, 20);
      place += 56 + pen.measureText(label).width;
    }
    pen.save();
    pen.beginPath();
    pen.rect(left, top, wide, high);
    pen.clip();
    chart.data.bands.forEach((band, i) => {
      pen.globalAlpha = 0.13;
      pen.fillStyle = band.colour ?? BAND_COLOURS[i % BAND_COLOURS.length];
      pen.fillRect(at(band.low), top, at(band.high) - at(band.low), high);
    });
    pen.globalAlpha = 1;
    for (const line of view.panel.lines) {
      const [x, y] = [line.x === null ? 0 : at(line.x), line.x === null ? up(line.y) : 0];
      this.line(line.x === null ? [[left, y], [right, y]] : [[x, top], [x, bottom]], line.colour,
        1.5, line.dash);
      if (line.x === null) write(line.label, right - 6, y - 6, 16, "right");
    }
    const now = at(chart.timeOf(chart.at));
    for (const trace of view.panel.traces) {
      if (!trace.line || view.isHidden(trace)) continue;
      const path = new Path2D(outline(trace, at, up));
      for (const [alpha, end] of [[0.25, right], [1, now]]) {
        pen.save();
        pen.beginPath();
        pen.rect(left, top, end - left, high);
        pen.clip();
        pen.globalAlpha = alpha;
        this.pencil(trace.colour, 1.5 * trace.width, trace.dash);
        pen.stroke(path);
        pen.restore();
      }
    }
    pen.restore();
    this.line([[now, top], [now, bottom]], text, 1.5, "solid");
    this.line([[left, top], [left, bottom], [right, bottom]], text, 1.5, "solid");
  }

  pencil(colour, width, dash) {
    const { pen } = this;
    pen.strokeStyle = colour;
    pen.lineWidth = width;
    pen.setLineDash(dashArray(dash, width).split(" ").filter(Boolean).map(Number));
  }

  line(points, colour, width, dash) {
    const { pen } = this;
    pen.beginPath();
    points.forEach(([x, y]) => pen.lineTo(x, y));
    this.pencil(colour, width, dash);
    pen.stroke();
    pen.setLineDash([]);
  }
}

// The shapes of an SVG that has no transforms, on a canvas.
function drawSvg(pen, svg, { left, top, width }, { text, font }) {
  const [x0, y0, wide] = svg.getAttribute("viewBox").split(" ").map(Number);
  pen.save();
  pen.translate(left, top);
  pen.scale(width / wide, width / wide);
  pen.translate(-x0, -y0);
  for (const node of svg.querySelectorAll("circle, ellipse, line, rect, path, text")) {
    const number = (name) => Number(node.getAttribute(name) ?? 0);
    const colour = (name) => {
      const given = node.getAttribute(name) ?? "none";
      return given === "currentColor" ? text : given;
    };
    const path = new Path2D(node.tagName === "path" ? node.getAttribute("d") : "");
    const [cx, cy] = [number("cx"), number("cy")];
    switch (node.tagName) {
      case "circle": path.arc(cx, cy, number("r"), 0, 2 * Math.PI); break;
      case "ellipse": path.ellipse(cx, cy, number("rx"), number("ry"), 0, 0, 2 * Math.PI); break;
      case "line": path.moveTo(number("x1"), number("y1"));
        path.lineTo(number("x2"), number("y2")); break;
      case "rect": path.rect(number("x"), number("y"), number("width"), number("height")); break;
      case "text": pen.globalAlpha = 1;
        pen.font = `italic ${number("font-size")}px ${font}`;
        pen.textAlign = "left";
        pen.fillStyle = text;
        pen.fillText(node.textContent, number("x"), number("y"));
        continue;
    }
    pen.lineWidth = Number(node.getAttribute("stroke-width") ?? 1);
    pen.setLineDash((node.getAttribute("stroke-dasharray") ?? "").split(" ").filter(Boolean)
      .map(Number));
    for (const [kind, stroke] of [["fill", false], ["stroke", true]]) {
      if (colour(kind) === "none") continue;
      pen.globalAlpha = Number(node.getAttribute(`${kind}-opacity`) ?? 1);
      pen[stroke ? "strokeStyle" : "fillStyle"] = colour(kind);
      stroke ? pen.stroke(path) : pen.fill(path);
    }
  }
  pen.restore();
}
