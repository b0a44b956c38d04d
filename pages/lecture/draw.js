// Free drawing on the page's chart, with mouse, finger or pen: Plotly's own drawing mode in the
// first plot.  Each finished line goes to Python as points [t, error], which draws it as a curve.

const MOST_POINTS = 200;

let stop = () => {};

export default function ({ data, setTriggerValue }) {
  stop();
  let plot = null;
  let before;
  const tell = (event) => {
    const path = event.shapes?.at(-1)?.path;
    if (path) setTriggerValue("drawn", points(path));
  };
  const arm = () => {
    const first = document.querySelector(".tl-chart[data-revision] .tl-plot");
    if (!first) return;
    if (!plot) {
      plot = first;
      before = plot.layout.dragmode;
      plot.on("plotly_relayout", tell);
    }
    if (plot.layout.dragmode === "drawopenpath") return;
    window.Plotly.relayout(plot, { dragmode: "drawopenpath",
      newshape: { line: { color: data.colour, width: 3 } } });
  };
  // Each redraw of the chart brings its own drag mode back.
  const observer = new MutationObserver(arm);
  observer.observe(document.body, { subtree: true, attributeFilter: ["data-revision"] });
  arm();
  stop = () => {
    observer.disconnect();
    if (!plot) return;
    plot.removeListener("plotly_relayout", tell);
    if (plot.isConnected) window.Plotly.relayout(plot, { dragmode: before });
    plot = null;
  };
  return stop;
}

// "M0.1,0.5L0.2,0.4…" → [[0.1, 0.5], [0.2, 0.4], …], thinned.
function points(path) {
  const all = path.slice(1).split("L").map((pair) => pair.split(",").map(Number));
  const every = Math.ceil(all.length / MOST_POINTS);
  return all.filter((_, i) => i % every === 0 || i === all.length - 1);
}
