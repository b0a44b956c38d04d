// The figure plays itself once, on the first visit of a browser that brings no settings: the tour's
// stretches of time, each under its own sentence.  Any key, click or tap ends it.
const OPENING_SECONDS = 20;
const OPENING_SEEN = "two-layer-dynamics opening seen";
const ENDS_OPENING = ["keydown", "pointerdown", "input"];

class Opening {
  constructor(chart) {
    this.chart = chart;
    this.skip = () => this.end();
  }

  // Called whenever the chart has been drawn.
  offer() {
    const { opening, tour } = this.chart.data;
    if (this.offered || !opening) return;
    this.offered = true;
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (location.search || still || !tour.length || !this.first()) return;
    this.box = element("div", "tl-opening");
    this.box.dataset.testid = "tl-opening";
    this.words = element("p", "");
    this.words.setAttribute("role", "status");
    const skip = element("button", "tl-button", "Skip");
    skip.type = "button";
    skip.title = "Any key or click ends this";
    this.box.append(this.words, skip);
    // Outside of the chart, which is a container of its own for what is fixed.
    const { text, background, font } = this.chart.theme();
    const { left, width } = this.chart.root.getBoundingClientRect();
    Object.assign(this.box.style, { color: text, background, fontFamily: font,
      left: `${left + width / 2}px` });
    document.body.append(this.box);
    ENDS_OPENING.forEach((name) => document.addEventListener(name, this.skip, true));
    this.show(0);
  }

  // Whether this browser has not seen it, which counts as seen from now on.
  first() {
    try {
      if (localStorage.getItem(OPENING_SEEN)) return false;
      localStorage.setItem(OPENING_SEEN, "1");
      return true;
    } catch {
      return false; // a browser that keeps nothing would play it at every visit
    }
  }

  show(i) {
    const { chart } = this;
    const { tour } = chart.data;
    if (i >= tour.length || !chart.root.isConnected) return this.end();
    const { before, verb, after, low, high } = tour[i];
    this.words.textContent = `${before} ${verb}${after.split(";")[0].replace(/\.?$/, ".")}`;
    chart.play(chart.stepOf(low), chart.stepOf(high), OPENING_SECONDS / tour.length,
      () => this.show(i + 1));
  }

  end() {
    if (!this.box) return;
    ENDS_OPENING.forEach((name) => document.removeEventListener(name, this.skip, true));
    this.box.remove();
    this.box = null;
    this.chart.stop();
    this.chart.moveTo(STEPS);
  }
}
