// A figure that a link has opened is brought into sight, unless it is there already.

const LOW = 0.6; // of the window's height

let arrived = false;

export default function ({ parentElement }) {
  if (arrived) return;
  arrived = true;
  requestAnimationFrame(() => {
    const box = parentElement.closest("[data-testid=stExpander]");
    if (box && box.getBoundingClientRect().top > LOW * innerHeight) box.scrollIntoView();
  });
}
