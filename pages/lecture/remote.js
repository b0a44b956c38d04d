// The script of a lecture in the browser: a remote control's keys, and curves that play.
//
// Space, arrows and page keys press the buttons for the next step and the one before.  A step that
// uncovers a stretch of time hides what is new under a cover that goes with the time cursor.

const STEPS = 400; // of the chart's scrubber
const SECONDS = 4;
const NEXT = ["PageDown", "ArrowRight", " "];
const BACK = ["PageUp", "ArrowLeft"];

let stop = () => {};
let shown = null;

export default function ({ data }) {
  stop();
  const onKey = (event) => press(event);
  document.addEventListener("keydown", onKey, true);
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const end = shown !== null && shown !== data.step && data.play && !still
    ? play(data) : () => {};
  shown = data.step;
  stop = () => {
    document.removeEventListener("keydown", onKey, true);
    end();
  };
  return stop;
}

function press(event) {
  const way = NEXT.includes(event.key) ? "next" : BACK.includes(event.key) ? "back" : null;
  if (!way || event.ctrlKey || event.metaKey || event.altKey) return;
  // What has the focus knows what to do with a key; page keys are the remote's own.
  const own = event.target.closest?.("input, textarea, select, button, a, .tl-chart, [role=dialog]");
  if (own && !event.key.startsWith("Page")) return;
  const button = document.querySelector(`.st-key-script-${way} button:enabled`);
  if (!button) return;
  event.preventDefault();
  button.click();
}

// Cover the plot from the start of the stretch on, and draw the cover back once the new curves
// are there.
function play({ play: [low, high], range }) {
  const chart = document.querySelector(".tl-chart[data-revision]");
  const area = chart?.querySelector(".tl-plot .nsewdrag");
  if (!area) return () => {};
  const place = (t) => Math.min(1, Math.max(0, Math.log(t / range[0]) / Math.log(range[1] / range[0])));
  const frame = chart.querySelector(".tl-frame");
  const cover = document.createElement("div");
  cover.className = "lecture-cover";
  frame.append(cover);
  const put = (share) => {
    const [plot, box] = [chart.querySelector(".tl-plot .nsewdrag").getBoundingClientRect(),
      frame.getBoundingClientRect()];
    const left = plot.left - box.left + share * plot.width;
    Object.assign(cover.style, { left: `${left}px`, width: `${(1 - share) * plot.width + 2}px`,
      top: `${plot.top - box.top}px`, height: `${plot.height}px` });
  };
  const [from, to] = [place(low || range[0]), place(high)];
  put(from);
  const before = chart.dataset.revision;
  const scrub = chart.querySelector(".tl-scrub");
  let request = requestAnimationFrame(wait);
  let begun = null;
  function wait(time) {
    if (chart.dataset.revision === before || chart.ariaBusy === "true") {
      request = requestAnimationFrame(wait);
      return;
    }
    begun = time;
    move(time);
  }
  function move(time) {
    const done = Math.min(1, (time - begun) / (1000 * SECONDS));
    const share = from + (to - from) * done;
    put(share);
    scrub.value = Math.round(STEPS * share);
    scrub.dispatchEvent(new Event("input", { bubbles: true }));
    if (done < 1 && chart.isConnected) request = requestAnimationFrame(move);
    else cover.remove();
  }
  return () => { cancelAnimationFrame(request); cover.remove(); };
}
