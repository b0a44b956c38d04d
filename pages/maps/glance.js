// The curves of the square under the pointer, drawn small beside it, without asking the server.
//
// Squares are found from where the pointer is in the plot, as all are equally large.  The card is
// for the eye: a chosen square has the full chart below the maps, with its numbers.

const SVG = "http://www.w3.org/2000/svg";
const WIDTH = 300, HEIGHT = 150, LEFT = 44, RIGHT = 8, TOP = 6, BOTTOM = 22;
const AWAY = 56; // pixels from the pointer, where Plotly writes the square's values

export default function ({ parentElement, data }) {
  const card = parentElement.querySelector(".tl-glance");
  card.tlMap = JSON.parse(new TextDecoder().decode(data));
  card.tlStop ??= follow(card);
  return () => setTimeout(() => card.isConnected || card.tlStop(), 0);
}

function follow(card) {
  let dismissed = null;
  const hide = () => { card.hidden = true; };
  const move = (event) => {
    const found = square(card.tlMap, event);
    const name = found && found.join("-");
    if (name === null || name === dismissed) return hide();
    dismissed = null;
    if (card.dataset.square !== name || card.tlDrawn !== card.tlMap) {
      draw(card, ...found);
      card.dataset.square = name;
      card.tlDrawn = card.tlMap;
    }
    card.hidden = false;
    place(card, event);
  };
  const key = (event) => {
    if (event.key !== "Escape" || card.hidden) return;
    dismissed = card.dataset.square;
    hide();
  };
  document.addEventListener("pointermove", move);
  document.addEventListener("keydown", key);
  document.addEventListener("scroll", hide, true);
  return () => {
    document.removeEventListener("pointermove", move);
    document.removeEventListener("keydown", key);
    document.removeEventListener("scroll", hide, true);
  };
}

// Column and row of the square under the pointer, if it is on one of the page's maps.
function square(map, event) {
  if (event.buttons || !event.target.closest) return null;
  const plot = event.target.closest(`[class*="st-key-map-${map.name}-"] .js-plotly-plot`);
  const area = plot?.querySelector(".nsewdrag")?.getBoundingClientRect();
  if (!area) return null;
  const x = Math.floor((event.clientX - area.left) / area.width * map.x.length);
  const y = Math.floor((area.bottom - event.clientY) / area.height * map.y.length);
  return x >= 0 && y >= 0 && x < map.x.length && y < map.y.length ? [x, y] : null;
}

function place(card, event) {
  const box = card.getBoundingClientRect();
  const below = event.clientY + AWAY + box.height < innerHeight;
  card.style.top = `${below ? event.clientY + AWAY : event.clientY - AWAY - box.height}px`;
  const left = Math.min(event.clientX - box.width / 2, innerWidth - box.width - 8);
  card.style.left = `${Math.max(8, left)}px`;
}

function draw(card, x, y) {
  const map = card.tlMap;
  const [heading, svg, ...before] = card.children;
  heading.textContent = `${map.xTitle} = ${map.x[x]}, ${map.yTitle} = ${map.y[y]}`;
  for (const line of before) line.remove();
  const last = Math.log10(map.last[x]), first = Math.log10(map.first);
  const [low, high] = map.range;
  const across = (t) => LEFT + (t - first) / (last - first) * (WIDTH - LEFT - RIGHT);
  const up = (e) => TOP + (high - Math.max(e, low)) / (high - low) * (HEIGHT - TOP - BOTTOM);
  svg.replaceChildren();
  for (let e = Math.ceil(low); e <= high; e++) tick(svg, LEFT, up(e), e, true);
  for (let t = Math.ceil(first); t <= last; t += 2) tick(svg, across(t), HEIGHT - BOTTOM, t, false);
  map.kinds.forEach((kind, k) => {
    map.errors[k][y][x].forEach((curve, quantity) => {
      const points = curve.flatMap((e, n) => e === null ? [] :
        [`${across(first + n / (curve.length - 1) * (last - first)).toFixed(1)},${up(e / 100).toFixed(1)}`]);
      part(svg, "polyline", { points: points.join(" "), fill: "none", stroke: kind.colour,
        "stroke-width": 2, "stroke-dasharray": quantity ? "" : "5 3" });
    });
    const line = document.createElement("p");
    line.textContent = kind.said[y][x];
    line.style.borderColor = kind.colour;
    card.append(line);
  });
}

function tick(svg, x, y, power, isError) {
  part(svg, "line", isError ? { x1: LEFT, x2: WIDTH - RIGHT, y1: y, y2: y, class: "tl-grid" } :
    { x1: x, x2: x, y1: TOP, y2: HEIGHT - BOTTOM, class: "tl-grid" });
  const text = part(svg, "text", isError ? { x: LEFT - 5, y: y + 4, "text-anchor": "end" } :
    { x, y: HEIGHT - 6, "text-anchor": "middle" });
  text.textContent = isError ? `${10 ** power}` : power < 0 || power > 3 ? `10${raised(power)}`
    : `${10 ** power}`;
}

function raised(power) {
  return String(power).replace(/./g, (sign) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(sign)]);
}

function part(svg, name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  svg.append(made);
  return made;
}
