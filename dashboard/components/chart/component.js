// Linked panels of curves under one time cursor, drawn by plotly.js.
//
// `default` is called with new data at each rerun of the page and redraws the same plots, so
// zoom, hidden curves and the cursor outlive a slider move.  Text reaches the page only through
// textContent and Plotly's own labels.

const STEPS = 400;
const PLAY_SECONDS = 12;
const MARGIN = { l: 62, r: 10, t: 8, b: 42 };
const NAME_SIZE = 11; // pixels of a regime's name above the plot, and of its line
const LABEL_LINE = 15;
const SCALE_ROOM = 20; // pixels between two ticks of the second axis
const BAND_COLOURS = ["#56B4E9", "#F0E442", "#CC79A7", "#009E73"];
const DASH_ARRAYS = {
  solid: "", dash: "6 4", dot: "2 3", dashdot: "6 3 2 3", longdash: "9 4", longdashdot: "9 3 2 3",
};

export default function show(component) {
  const { parentElement, setStateValue } = component;
  const data = JSON.parse(new TextDecoder().decode(component.data));
  const root = parentElement.querySelector(".tl-chart");
  root.tlChart ??= new Chart(root);
  const chart = root.tlChart;
  const gone = () => setTimeout(() => root.isConnected || chart.stop(), 0);
  // Networks are drawn again and again while they are trained; a hand on a slider goes on.
  if (chart.live.goesOn(data)) {
    chart.given = data;
    return gone;
  }
  chart.given = chart.data = data;
  chart.live.wanted = null;
  root.ariaBusy = "true"; // until what is drawn is this
  chart.arrange();
  plotly(data.plotly).then(
    () => chart.draw(),
    () => {
      root.ariaBusy = "false";
      setStateValue("failed", true);
    },
  );
  return gone;
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
