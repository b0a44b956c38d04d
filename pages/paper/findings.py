"""What a figure of the paper says, held against what was drawn here: measured, not asserted.

    check = collapse("Widths fall on one curve of t/m.", "t/m", "γ", (0.3, 3.0))
    check(found)        # Finding(says, holds, measured)
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from dashboard.words import number, percent
from engine.limits.checks.collapse import power_of
from engine.limits.levels import plateau_error
from engine.results.keyfigures import key_figures
from pages.paper.runs import Found, X, at

PLACES = 60
CLOSE = 0.1
"""Curves that differ by less than this share of their largest value lie on each other: what the
eye sees of a figure."""
FITTED = 1e-3
"""A train error below this share of its start has gone to zero, as a plot shows it."""


@dataclass(frozen=True)
class Finding:
    """A statement of the paper in our words, whether it holds here, and what was measured."""

    says: str
    holds: bool
    measured: str


Check = Callable[[Found], Finding]


def collapse(says: str, x: str, y: str, window: tuple[float, float]) -> Check:
    """Neighbouring widths come closer, and the two widest are CLOSE."""
    def check(found: Found) -> Finding:
        curves = [_seen(run, x, y, window) for run in found.runs]
        size = max(np.max(np.abs(c)) for c in curves)
        apart = [float(np.max(np.abs(b - a)) / size)
                 for a, b in pairwise(curves)]
        return Finding(says, apart[-1] < min(CLOSE, apart[0]),
                       f"Largest difference of neighbouring widths for {_span(x, window)}:"
                       f" {percent(apart[0])} at {_pair(found, 0)},"
                       f" {percent(apart[-1])} at {_pair(found, -2)}.")

    return check


def approach(says: str, x: str, y: str, window: tuple[float, float], key: str) -> Check:
    """Widths come closer to the m → ∞ curve of a regime, the widest to within CLOSE."""
    def check(found: Found) -> Finding:
        target = _seen(found.limits[key], x, y, window)
        size = np.max(np.abs(target))
        far = [float(np.max(np.abs(_seen(run, x, y, window) - target)) / size)
               for run in found.runs]
        return Finding(says, far[-1] < min(CLOSE, far[0]),
                       f"Largest distance for {_span(x, window)}: {percent(far[0])} at"
                       f" {found.names[0]}, {percent(far[-1])} at {found.names[-1]}.")

    return check


def fitted(says: str) -> Check:
    """The train error of every run goes to zero."""
    def check(found: Found) -> Finding:
        shares = [run.train_error[-1] / run.train_error[0] for run in found.runs]
        left = [name for name, share in zip(found.names, shares, strict=True) if share > FITTED]
        return Finding(says, not left, "At every width it ends below a thousandth of its start."
                       if not left else f"It does not at {', '.join(left)}.")

    return check


def later(says: str, share: float) -> Check:
    """The wider, the later the train error has fallen to a share of its start."""
    def check(found: Found) -> Finding:
        times = [_first(run.t, run.train_error < share * run.train_error[0]) for run in found.runs]
        rising = all(a < b for a, b in pairwise(times))
        return Finding(says, rising and np.isfinite(times[-1]),
                       f"It is at {percent(share)} of its start at t = "
                       + ", ".join(_time(t) for t in times) + ".")

    return check


def leaves(says: str) -> Check:
    """Every width leaves the plateau at a time of order m: e_tr < τ²/4."""
    def check(found: Found) -> Finding:
        times = [_first(run.t, run.train_error < run.parameters.bayes_error / 2)
                 / run.parameters.m for run in found.runs]
        return Finding(says, bool(np.all(np.isfinite(times)) and max(times) < 2 * min(times)),
                       "The train error is at half the Bayes error at t/m = "
                       + ", ".join(_time(t) for t in times) + f" for {_widths(found)}"
                       + ("." if np.all(np.isfinite(times)) else
                          ": wide networks of identical neurons rest on the plateau in these"
                          " equations; those whose neurons differ leave it (page Finding)."))

    return check


def ends_at_threshold(says: str, tolerance: float) -> Check:
    """γ of the runs that interpolate ends near γ*."""
    def check(found: Found) -> Finding:
        ends = [float(run.gamma[-1]) for run in found.runs
                if run.train_error[-1] < FITTED * run.train_error[0]]
        near = bool(ends) and abs(ends[-1] / found.gamma_star - 1) < tolerance
        return Finding(says, near, f"γ ends at {', '.join(number(g) for g in ends)};"
                       f" γ* = {number(found.gamma_star)}.")

    return check


def on_fixed_gamma(says: str, column: str, floor: float = 0.0) -> Check:
    """e_tr (or ν) of the widest run that interpolates against γ lies on what fixed γ gives, from
    where γ has left its start.

    column  of `Asymptotics`: "error" or "nu"
    """
    def check(found: Found) -> Finding:
        run = [r for r in found.runs if r.train_error[-1] < FITTED * r.train_error[0]][-1]
        start = max(run.gamma[0] + 0.1 * (run.gamma[-1] - run.gamma[0]), floor * found.gamma_star)
        late = run.gamma > start
        table = found.scale**2 * found.table.at(run.gamma / found.scale, column)
        have = run.train_error if column == "error" else run.nu
        off = float(np.max(np.abs(have - table)[late]) / np.max(np.abs(table)))
        return Finding(says, off < CLOSE, f"m = {run.parameters.m:,}, γ from {number(start)} on:"
                       f" at most {percent(off)} of the curve's largest value off.")

    return check


def ends_on_plateau(says: str) -> Check:
    """The test error of the runs that interpolate ends at the plateau (2.7) at γ*."""
    def check(found: Found) -> Finding:
        ends = [float(run.test_error[-1]) for run in found.runs
                if run.train_error[-1] < FITTED * run.train_error[0]]
        level = float(plateau_error(found.runs[0].parameters, found.gamma_star))
        return Finding(says, bool(ends) and abs(ends[-1] / level - 1) < CLOSE,
                       f"It ends at {', '.join(number(e) for e in ends)};"
                       f" the level is {number(level)}.")

    return check


def three_regimes(says: str) -> Check:
    """Learning ends, later the gap opens, and the test error ends above its least."""
    def check(found: Found) -> Finding:
        k = key_figures(found.runs[-1])
        holds = bool(k.feature_learning_end and k.gap_opens
                     and k.feature_learning_end < k.gap_opens
                     and k.final_test_error > k.best_test_error)
        return Finding(says, holds,
                       f"Learning ends at t = {_time(k.feature_learning_end)}, the gap opens at"
                       f" t = {_time(k.gap_opens)}; the test error is least,"
                       f" {number(k.best_test_error)}, and ends at {number(k.final_test_error)}.")

    return check


def level(says: str, x: str, y: str, place: float, expected: Callable[[Found], float],
          tolerance: float = CLOSE) -> Check:
    """y of the widest run at a place on the x axis."""
    def check(found: Found) -> Finding:
        value, target = float(at(found.runs[-1], x, y, np.array([place]))[0]), expected(found)
        return Finding(says, abs(value - target) < tolerance * abs(target),
                       f"{number(value)} at {x} = {place:g} and {found.names[-1]}; expected"
                       f" {number(target)}.")

    return check


def slope(says: str, curves: Sequence[tuple[str, str]], window: tuple[float, float],
          expected: Callable[[Found], Sequence[float]]) -> Check:
    """Each curve of the widest run grows linearly, at the slope expected of it."""
    def check(found: Found) -> Finding:
        slopes = []
        for x, y in curves:
            low, high = at(found.runs[-1], x, y, np.array(window))
            slopes.append(float((high - low) / (window[1] - window[0])))
        targets = expected(found)
        near = all(abs(s / target - 1) < 2 * CLOSE
                   for s, target in zip(slopes, targets, strict=True))
        return Finding(says, near, f"Slopes for {_span(curves[0][0], window)}: "
                       + ", ".join(f"{y}: {number(s)} (expected {number(target)})"
                                   for (_, y), s, target
                                   in zip(curves, slopes, targets, strict=True)) + ".")

    return check


def product(says: str, window: tuple[float, float]) -> Check:
    """a·v of the widest run that interpolates stays at 1 late."""
    def check(found: Found) -> Finding:
        run = [r for r in found.runs if r.train_error[-1] < FITTED * r.train_error[0]][-1]
        late = run.t > window[0] * run.parameters.m
        av = (run.a * run.v)[late]
        return Finding(says, bool(np.all(np.abs(av - 1) < CLOSE)),
                       f"m = {run.parameters.m:,}, t/m ≥ {window[0]:g}: a·v from"
                       f" {number(float(av.min()))} to {number(float(av.max()))}.")

    return check


def widths_approach(says: str, name: str, below: bool, power: float) -> Check:
    """The final test error of the runs called `name` comes to the plateau (2.7) from below or from
    above, like a power of m."""
    def check(found: Found) -> Finding:
        runs = [run for run, own in zip(found.runs, found.names, strict=True) if own == name]
        plateau = float(plateau_error(runs[0].parameters, runs[0].parameters.gamma0))
        m = np.array([run.parameters.m for run in runs])
        off = np.array([run.test_error[-1] - plateau for run in runs])
        fit, _ = power_of(m[-4:], np.abs(off[-4:]))
        turns = bool(np.any(np.diff(off) < 0) and np.any(np.diff(off) > 0))
        side = np.all(off[-4:] < 0) if below else np.all(off[-4:] > 0)
        return Finding(says, bool(side and abs(fit + power) < 0.15 and (turns or not below)),
                       f"{name}: the distance to {number(plateau)} is {number(float(off[-1]))} at"
                       f" m = {m[-1]:,} and goes like m^{fit:.2f}; the curve "
                       + ("turns" if turns else "does not turn") + ".")

    return check


def threshold_near(says: str, expected: float) -> Check:
    """The threshold of the widest search, α* or n/d, to the two digits that the paper gives."""
    def check(found: Found) -> Finding:
        values = {name: t.value * found.widths.get(name, 1.0)
                  for name, t in found.thresholds.items()}
        last = list(values.values())[-1]
        return Finding(says, abs(last - expected) < 0.01, "; ".join(
            f"{name}: {number(value, 4)}" for name, value in values.items()) + ".")

    return check


def exponents_near(says: str, expected: float) -> Check:
    """ν of every threshold, within half of a unit."""
    def check(found: Found) -> Finding:
        nus = {name: (t.nu, t.nu_error) for name, t in found.thresholds.items()}
        return Finding(says, all(abs(nu - expected) < 0.5 for nu, _ in nus.values()),
                       "; ".join(f"{name}: ν = {number(nu)} ± {number(error, 1)}"
                                 for name, (nu, error) in nus.items())
                       + ", fitted from 1 to 15 % below the threshold.")

    return check


def relaxes_like_m(says: str) -> Check:
    """As far below their thresholds, in per cent, t_rel/m of the two widest are CLOSE."""
    def check(found: Found) -> Finding:
        narrow, wide = (np.array(found.thresholds[name].t_rel) / m
                        for name, m in list(found.widths.items())[-2:])
        off = float(np.max(np.abs(wide / narrow - 1)))
        return Finding(says, off < CLOSE, f"Largest difference of t_rel/m at"
                       f" {' and '.join(list(found.widths)[-2:])}: {percent(off)}.")

    return check


def _seen(run, x: str, y: str, window: tuple[float, float]) -> np.ndarray:
    return at(run, x, y, np.geomspace(*window, PLACES))


def _first(t: np.ndarray, happened: np.ndarray) -> float:
    return float(t[np.argmax(happened)]) if happened.any() else np.inf


def _time(t: float | None) -> str:
    return "never" if t is None or not np.isfinite(t) else number(t)


def _pair(found: Found, n: int) -> str:
    names = found.names
    return f"{names[n]} and {names[n + 1]}"


def _widths(found: Found) -> str:
    return "m = " + ", ".join(name.removeprefix("m = ") for name in found.names)


def _span(x: str, window: tuple[float, float]) -> str:
    assert x in X
    return f"{x} from {window[0]:g} to {window[1]:g}"
