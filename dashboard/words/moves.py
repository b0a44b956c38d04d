"""A quantity's way through a stretch of time, as a clause."""

from dashboard.words.claims import Claim, Clause
from dashboard.words.numbers import number
from engine import Trajectory
from engine.results.keyfigures import INTERPOLATED, Course, Shape, course


def moves(run: Trajectory, column: str, low: float, high: float, before: str,
          verbs: tuple[str, str] = ("falls", "rises")) -> Clause:
    """`before`, then how the column goes from the time low to high, with its numbers."""
    down, up = verbs
    c = course(run, column, low, high)
    claims = [Claim("moves", column=column, low=low, high=high, shape=c.shape.value)]
    if fallen_to_zero(run, c):
        claims.append(Claim("near zero", column=column, t=high))
        return Clause(f"{before} {down} from {digits(c, c.start)} to zero", *claims)
    return Clause(f"{before} {_way(c, down, up)}", *claims)


def _way(c: Course, down: str, up: str) -> str:
    start, end, least, most = (digits(c, x) for x in (c.start, c.end, c.least, c.most))
    if start == end:  # two values of one run differ by less than each may be off
        start, end = number(c.start), number(c.end)
    return {
        Shape.STAYS: f"stays near {end}",
        Shape.FALLS: f"{down} from {start} to {end}",
        Shape.RISES: f"{up} from {start} to {end}",
        Shape.FALLS_THEN_RISES: f"{down} from {start} to {least}, then {up} to {end}",
        Shape.RISES_THEN_FALLS: f"{up} from {start} to {most}, then {down} to {end}",
        Shape.WANDERS: f"moves between {least} and {most}, from {start} to {end}",
    }[c.shape]


def fallen_to_zero(run: Trajectory, c: Course) -> bool:
    """Whether a train error falls to what counts as interpolation."""
    return c.column == "train_error" and c.start > c.end <= INTERPOLATED * run.train_error[0]


def digits(c: Course, x: float) -> str:
    """A value of the course with the digits that it has."""
    return number(x, error=c.error(x))
