// Curves that follow a slider of the page while a hand is on it.
//
// Streamlit tells the server of a slider's move when it is let go.  Until then its place can be
// read off the page; the server's address for programs has the run, and what is drawn of it stands
// over Plotly's axes, which stay.  The page's ordinary run then draws everything anew.
class Live {
  constructor(chart) {
    this.chart = chart;
    this.tab = crypto.getRandomValues(new Uint32Array(2)).join("-");
    this.following = false;
    this.waitUntil = 0;
    new MutationObserver((changes) => this.seen(changes)).observe(document.body,
      { subtree: true, attributes: true, attributeFilter: ["value", "data-dragging"] });
  }

  seen(changes) {
    if (!this.chart.root.isConnected || !this.chart.data?.live) return;
    for (const { target } of changes) {
      const slider = this.sliderOf(target);
      if (!slider) continue;
      const place = Number((target.matches("input") ? target : target.querySelector("input")).value);
      // Let go where it was taken up, a slider tells the server nothing.
      if (place === slider.at) this.restore();
      else if (target.closest("[data-dragging=true]")) this.ask(slider, place);
    }
  }

  sliderOf(node) {
    const { sliders } = this.chart.data.live;
    const box = node.closest("[data-testid=stSlider]")?.closest("[class*='st-key-']");
    return box && sliders[[...box.classList].find((name) => sliders[name])];
  }

  async ask(slider, place) {
    const { url, query } = this.chart.data.live;
    const words = Object.entries(slider.words).map(([word, texts]) => [word, texts[place]]);
    this.wanted = `${url}?${new URLSearchParams({ ...query, ...Object.fromEntries(words) })}`;
    this.follow();
    if (this.asking || performance.now() < this.waitUntil) return;
    this.asking = true;
    while (this.wanted) {
      const address = this.wanted;
      this.wanted = null;
      const drawing = await this.fetch(address);
      if (!drawing) break;
      if (this.following) this.show(drawing, address);
    }
    this.asking = false;
  }

  // From here on nothing under the title moves away from the hand.
  follow() {
    if (this.following) return;
    this.following = true;
    const title = this.chart.part("headline");
    // A slider at the foot of a phone's screen moves what may have been scrolled away.
    const { top, bottom } = this.chart.panels[0].frame.getBoundingClientRect();
    if (top < 0 || bottom > innerHeight) this.chart.panels[0].box.scrollIntoView();
    title.style.minHeight = `${title.getBoundingClientRect().height}px`;
  }

  // The drawing, or null when the server has other work: curves then follow when it is let go.
  async fetch(address) {
    try {
      const answer = await fetch(address, { headers: { "X-Visitor": this.tab } });
      if (answer.ok) return await answer.json();
      this.waitUntil = performance.now() + 1000 * (answer.headers.get("Retry-After") ?? 5);
    } catch {
      this.waitUntil = performance.now() + 5000;
    }
    return null;
  }

  show(drawing, address) {
    const { chart } = this;
    const { live, axis, panels, runs } = chart.given;
    // Axes stay; and the legend of a sweep, whose other runs do not follow, keeps its room.
    chart.data = { ...drawing, live, axis: { ...drawing.axis, log: axis.log, range: axis.range },
      panels: drawing.panels.map((panel, i) => ({ ...panel, logY: panels[i]?.logY ?? panel.logY })),
      runs: drawing.runs.length ? drawing.runs : runs };
    chart.part("runs").classList.toggle("tl-resting", !drawing.runs.length);
    chart.arrange();
    chart.panels.forEach((view) => view.sketch());
    chart.root.classList.add("tl-following");
    chart.place();
    chart.root.dataset.followed = address.split("?")[1];
  }

  // Whether a slider is held and the page's new data are of the same settings.
  goesOn(data) {
    return this.following
      && JSON.stringify(data.live?.query) === JSON.stringify(this.chart.given.live?.query);
  }

  // What the page itself has drawn last.
  restore() {
    if (!this.following) return;
    this.end();
    this.chart.data = this.chart.given;
    this.chart.arrange();
    this.chart.draw();
  }

  end() {
    this.following = false;
    this.wanted = null;
    this.chart.root.classList.remove("tl-following");
    this.chart.part("runs").classList.remove("tl-resting");
    this.chart.part("headline").style.minHeight = "";
  }
}
