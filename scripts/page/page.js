
// ---- the page without a server: chooses between the runs that it holds, and computes none
//
// Where the visitor is stands in the address behind #, in the words of the dashboard's links, or
// as the name of an example.

const held = JSON.parse(document.getElementById("held").textContent);
const place = (id) => document.getElementById(id);
const state = { example: null, at: [] };
const controls = [];
let wanted = null;
let busy = false;

function numberOf({ example, at }) {
  if (example) return example.number;
  return held.axes.reduce((number, axis, i) => number * axis.choices.length + at[i], 0);
}

function exampleAt(number) {
  return held.examples.find((example) => example.number === number) ?? null;
}

// ---- the address

function address() {
  const words = state.example ? { example: state.example.word }
    : Object.assign({}, ...held.axes.map((axis, i) => axis.choices[state.at[i]].words));
  return `#${new URLSearchParams(words)}`;
}

// What the address says, as near as there is a run; and a sentence on what it says otherwise.
function arrive() {
  const words = new URLSearchParams(location.hash.slice(1));
  const missed = [];
  const name = words.get("example");
  state.example = held.examples.find((example) => example.word === name) ?? null;
  if (name && !state.example) missed.push("There is no such example here.");
  state.at = held.axes.map((axis, i) => choiceOf(axis, words, missed) ?? held.opening[i]);
  if (state.example) follow(state.example.number);
  place("said").textContent = missed.join(" ");
}

function choiceOf({ label, choices }, words, missed) {
  const fits = choices.findIndex((choice) =>
    Object.entries(choice.words).every(([name, text]) => words.get(name) === text));
  if (fits >= 0) return fits;
  const [name] = Object.keys(choices[0].words);
  if (!words.has(name)) return null;
  const value = words.get(name).trim() === "" ? NaN : Number(words.get(name));
  const off = choices.map((choice) => Math.abs(Number(choice.words[name]) - value));
  const nearest = Number.isFinite(value) ? off.indexOf(Math.min(...off)) : -1;
  missed.push(`${label}: no run for what the address says`
    + (nearest < 0 ? "." : `; the nearest is ${choices[nearest].label}.`));
  return nearest < 0 ? null : nearest;
}

// Sliders to where a combination stands; an example of other settings leaves them.
function follow(number) {
  const all = held.axes.reduce((product, axis) => product * axis.choices.length, 1);
  if (number >= all) return;
  for (let i = held.axes.length - 1; i >= 0; i -= 1) {
    const count = held.axes[i].choices.length;
    state.at[i] = number % count;
    number = Math.floor(number / count);
  }
}

function keep() {
  place("said").textContent = "";
  if (location.hash !== address()) history.pushState(null, "", address());
}

// ---- controls

function build() {
  const examples = element("select", "");
  const other = new Option("Own choice of values", "");
  const groups = Object.entries(Object.groupBy?.(held.examples, ({ group }) => group) ?? {
    Examples: held.examples });
  examples.append(other, ...groups.map(([label, members]) => {
    const group = element("optgroup", "");
    group.label = label;
    group.append(...members.map(({ name, word }) => new Option(name, word)));
    return group;
  }));
  examples.onchange = () => {
    state.example = held.examples.find(({ word }) => word === examples.value) ?? null;
    if (state.example) follow(state.example.number);
    keep();
    draw();
  };
  place("controls").append(control("Example", "", examples));
  held.axes.forEach((axis, i) => {
    const input = axis.ordered ? slider(axis) : choice(axis);
    const box = control(axis.label, axis.help, input);
    input.disabled = axis.choices.length < 2;
    input.oninput = () => {
      state.at[i] = Number(input.value);
      state.example = null;
      draw();
    };
    input.onchange = keep;
    if (axis.ordered) {
      const ends = element("small", "");
      ends.append(...axis.choices.map(({ words }) => element("span", "", Object.values(words)[0])));
      box.append(ends);
    }
    place("controls").append(box);
    controls.push({ axis, input, said: box.querySelector(".value") });
  });
  place("controls").onsubmit = (event) => event.preventDefault();
  controls.examples = examples;
}

function control(label, help, input) {
  const box = element("label", "control");
  const head = element("span", "");
  head.append(element("span", "", label), element("span", "value"));
  box.title = help;
  box.append(head, input);
  return box;
}

function slider({ choices }) {
  const input = element("input", "");
  Object.assign(input, { type: "range", min: 0, max: choices.length - 1, step: 1 });
  return input;
}

function choice({ choices }) {
  const input = element("select", "");
  input.append(...choices.map(({ label }, i) => new Option(label, i)));
  return input;
}

function showControls() {
  // An example that is a combination too is named; one of other settings leaves the values blank.
  const example = state.example ?? exampleAt(numberOf(state));
  controls.examples.value = example?.word ?? "";
  for (const [i, { axis, input, said }] of controls.entries()) {
    input.value = state.at[i];
    const outside = state.example && state.example.number !== numberOf({ at: state.at });
    const label = outside ? "not in this example" : axis.choices[state.at[i]].label;
    said.textContent = axis.ordered || outside ? label : "";
    input.setAttribute("aria-valuetext", label);
  }
}

// ---- a run

async function read(number) {
  const bytes = Uint8Array.from(atob(held.runs[number]), (c) => c.charCodeAt(0));
  const plain = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(plain).json();
}

// Of choices that come while one is being drawn only the last is drawn.
async function draw() {
  showControls();
  wanted = numberOf(state);
  if (busy) return;
  busy = true;
  while (wanted !== null) {
    const number = wanted;
    wanted = null;
    try {
      tell(await read(number), number);
    } catch (error) {
      place("said").textContent = `This browser cannot read the runs (${error.message}).`
        + " Any of the years from 2023 on can.";
    }
  }
  busy = false;
}

function tell({ chart, words }, number) {
  show({ parentElement: place("chart"), data: new TextEncoder().encode(JSON.stringify(chart)),
    setStateValue() {} });
  place("chart").dataset.number = number;
  place("why").textContent = exampleAt(number)?.why ?? "";
  place("computed").textContent = `${words.narrow} ${words.computed}`;
  place("story").replaceChildren(...words.story.flatMap(({ title, text }) =>
    [element("h3", "", title), element("p", "", text)]));
  place("command").textContent = words.command;
  place("settings").textContent = `All settings: ${words.settings}.`;
}

place("provenance").append(...held.provenance.map((text) => element("p", "small", text)));
place("citation").textContent = held.citation;
build();
arrive();
draw();
addEventListener("popstate", () => { arrive(); draw(); });
