// The panels with their bar of buttons, the time cursor and the zoom they share.
class Chart {
  constructor(root) {
    this.root = root;
    this.part = (name) => root.querySelector(`.tl-${name}`);
    this.panels = [];
    this.hidden = new Set();
    this.x = null; // the zoomed range, or null for all
    this.position = STEPS;
    this.revision = 0;
    this.live = new Live(this);
    this.opening = new Opening(this);
    this.film = new Film(this);
    this.listen();
  }

  // ---- drawing

  draw() {
    const drawn = this.data;
    return Promise.all(this.panels.map((view) => view.draw())).then(() => {
      if (drawn === this.given) this.live.end();
      this.place();
      this.root.dataset.revision = ++this.revision;
      if (drawn === this.data) this.root.ariaBusy = "false";
      this.opening.offer();
    });
  }

  arrange() {
    const { panels, axis } = this.data;
    if (this.panels.length > panels.length) this.root.append(this.part("bar"));
    while (this.panels.length > panels.length) this.panels.pop().remove();
    while (this.panels.length < panels.length) this.panels.push(new PanelView(this));
    this.panels.forEach((view, i) => view.describe(panels[i]));
    // The cursor goes as far as what is known, and over guesses only while nothing else is drawn.
    const traces = panels.flatMap((panel) => panel.traces.filter((trace) => trace.chip));
    const known = traces.filter((trace) => !trace.guess);
    this.last = this.stepOf(Math.max(axis.range[0],
      ...(known.length ? known : traces).map((trace) => trace.x.at(-1) ?? 0)));
    this.drawPicture();
    this.drawFigures();
    this.drawStory();
    this.drawBar(axis);
    this.placeParts();
  }

  // The bar under the time axis of a panel as wide as the page, then the story.
  placeParts() {
    const [first] = this.panels;
    const [bar, story] = [this.part("bar"), this.part("story")];
    bar.classList.toggle("tl-under", Boolean(first?.panel.wide));
    if (first?.panel.wide) first.box.append(bar);
    else this.part("panels").before(bar);
    (this.picture?.box ?? first?.box)?.after(story);
    const { l, r } = this.margin();
    bar.style.setProperty("--tl-left", `${l}px`);
    bar.style.setProperty("--tl-right", `${r}px`);
  }

  drawBar(axis) {
    this.part("bar").hidden = !axis.cursor;
    this.part("film").hidden = !this.data.file;
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

  // The headline, what is trained, and key figures with their meaning behind a button.
  drawFigures() {
    const { figures, headline, scene, runs } = this.data;
    this.part("runs").hidden = !runs?.length;
    this.part("runs").replaceChildren(...(runs ?? []).map(({ label, colour }) => {
      const run = element("span", "tl-run", label);
      run.style.borderColor = colour;
      return run;
    }));
    this.part("headline").textContent = headline ?? "";
    this.part("headline").hidden = !headline;
    this.part("scene").querySelector("p").textContent = scene ?? "";
    this.part("scene").hidden = !scene;
    const box = this.part("figures");
    box.hidden = !figures?.length;
    const labels = JSON.stringify(figures?.map(({ label }) => label));
    if (labels !== this.figureLabels) {
      this.figureLabels = labels;
      box.replaceChildren(...(figures ?? []).map((figure) => this.figureCard(figure)));
    }
    (figures ?? []).forEach(({ value, meaning }, i) => {
      box.children[i].querySelector("dd").textContent = value;
      box.children[i].querySelector(".tl-meaning").textContent = meaning;
    });
  }

  figureCard({ label }) {
    const card = element("div", "tl-figure");
    const name = element("dt", "", `${label} `);
    const help = element("button", "tl-help", "?");
    const meaning = element("div", "tl-meaning");
    help.type = "button";
    help.ariaLabel = `What is “${label}”?`;
    help.popoverTargetElement = meaning;
    meaning.popover = "auto";
    name.append(help);
    card.append(name, element("dd", ""), meaning);
    return card;
  }

  // Sentences whose verbs play the figure.
  drawStory() {
    const { tour, aside, axis } = this.data;
    const story = this.part("story");
    story.hidden = !tour?.length || !axis.cursor;
    const told = JSON.stringify([tour, aside]);
    if (told === this.told) return;
    this.told = told;
    story.replaceChildren(...(tour ?? []).flatMap((stop) => {
      const verb = element("button", "tl-verb", `${stop.verb}\u00a0►`);
      verb.type = "button";
      verb.onclick = () => this.play(this.stepOf(stop.low), this.stepOf(stop.high), 6);
      return [`${stop.before} `, verb, `${stop.after} `];
    }), element("small", "tl-aside", aside ?? ""));
  }

  // Type as large as the page's: a lecture sets it larger.
  zoom() { return parseFloat(getComputedStyle(document.documentElement).fontSize) / 16 || 1; }

  // Of the regimes' names, before the zoom: the page may want them larger.
  nameSize() {
    return parseFloat(getComputedStyle(this.root).getPropertyValue("--tl-name-size")) || NAME_SIZE;
  }

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
    // A drawn line and another drag mode are told here too, and a redraw would undo them.
    if (!x && !y) return;
    if (y) view.y = y;
    if (x) this.x = x;
    (x ? this.panels : [view]).forEach((each) => each.draw());
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

  // The cursor's step: not beyond the curves, which may end before the axis.
  get at() { return Math.min(this.position, this.last); }

  moveTo(step) {
    this.position = Math.min(STEPS, Math.max(0, step));
    this.place();
  }

  place() {
    const { axis, bands } = this.data;
    if (!axis.cursor) return;
    const x = this.timeOf(this.at);
    // The ends of the axis may miss the outer bands by rounding.
    const band = bands.find((b) => x >= b.low * (1 - 1e-9) && x <= b.high * (1 + 1e-9));
    const now = `${axis.symbol} = ${readable(x)}` + (band ? ` · ${band.label}` : "");
    this.part("now").textContent = now;
    const scrub = this.part("scrub");
    scrub.value = Math.round(this.at);
    scrub.setAttribute("aria-valuetext", now);
    this.root.dataset.cursor = x;
    this.panels.forEach((view) => view.place(x));
    this.picture?.place(x);
    this.film.frame();
  }

  // `seconds` is how long to take, else as long as a whole run at the usual speed; `then` is called
  // at the end, unless something else has stopped the play before.
  play(from, to = STEPS, seconds = null, then = null) {
    this.stop();
    to = Math.min(to, this.last);
    if (from >= to - 0.5) from = 0;
    const start = performance.now();
    const speed = seconds ? (to - from) / (seconds * 1000) : STEPS / (PLAY_SECONDS * 1000);
    const frame = (time) => {
      const step = from + Math.max(0, time - start) * speed;
      this.moveTo(Math.min(step, to));
      if (step >= to || !this.root.isConnected) {
        this.stop();
        return then?.();
      }
      this.frame = requestAnimationFrame(frame);
    };
    this.frame = requestAnimationFrame(frame);
    this.playing(true);
  }

  stop() {
    cancelAnimationFrame(this.frame);
    this.frame = null;
    this.playing(false);
    this.film.end();
  }

  playing(on) {
    const button = this.part("play");
    button.textContent = on ? "❚❚" : "►";
    button.setAttribute("aria-label", on ? "Pause" : "Play");
    this.root.dataset.playing = on;
  }

  toggle() { this.frame ? this.stop() : this.play(this.at); }

  step(by) {
    this.stop();
    this.moveTo(Math.round(this.at) + by);
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
    addEventListener("resize", () => this.root.isConnected && this.resized());
    // Streamlit's theme reaches a component as CSS variables; a switch redraws the plots.
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () =>
      setTimeout(() => this.revision && this.draw(), 300));
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
    if (!width || (width === this.width && innerHeight === this.windowHeight)) return;
    [this.width, this.windowHeight] = [width, innerHeight];
    if (!this.revision) return;
    Promise.all(this.panels.map((view) => view.draw())).then(() => this.place());
  }
}
