"""What a figure of the paper is drawn from: runs at several widths, their m → ∞ curves, thresholds.

    found = solve_widths(p, (16, 64, 256), limits=("lazy-2",), asymptotic=True)
    x, y = curve(found.runs[0], "t/m", "γ")
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from engine import Parameters, Status, Trajectory, solve
from engine.limits import Threshold, alpha_threshold, limit
from engine.limits.checks.collapse import FINE
from engine.limits.curves.adiabatic import Asymptotics, asymptotics
from engine.limits.curves.meanfield import neuron_flow
from engine.limits.levels import noise_left
from engine.monitor import Monitor


class Abscissa(NamedTuple):
    """What a figure is drawn against."""

    label: str
    values: Callable[[Trajectory], np.ndarray]
    log: bool = True


class Ordinate(NamedTuple):
    """What a figure draws, of a run."""

    label: str
    values: Callable[[Trajectory], np.ndarray]
    log: bool = False


def _root(r: Trajectory) -> float:
    return math.sqrt(r.parameters.m)


def _from_flow(r: Trajectory) -> tuple[np.ndarray, np.ndarray]:
    """m times what a and v differ from the flow (2.10) by."""
    a, v = neuron_flow(r.parameters, r.t)
    return r.parameters.m * (r.a - a), r.parameters.m * (r.v - v)


X = {
    "t": Abscissa("training time t", lambda r: r.t),
    "tm": Abscissa("scaled time t · m", lambda r: r.t * r.parameters.m),
    "t/√m": Abscissa("scaled time t / √m", lambda r: r.t / _root(r)),
    "t/m": Abscissa("scaled time t / m", lambda r: r.t / r.parameters.m),
    "γ": Abscissa("complexity γ = a/√m", lambda r: r.gamma, log=False),
    "e_tr": Abscissa("train error", lambda r: r.train_error, log=False),
    "m": Abscissa("width m", lambda r: np.array([r.parameters.m])),
}
Y = {
    "e_tr": Ordinate("train error", lambda r: r.train_error, log=True),
    "e_ts": Ordinate("test error", lambda r: r.test_error, log=True),
    "gap": Ordinate("test − train error", lambda r: r.generalization_gap),
    "γ": Ordinate("γ = a/√m", lambda r: r.gamma),
    "a": Ordinate("a", lambda r: r.a),
    "v": Ordinate("v", lambda r: r.v),
    "√m v": Ordinate("√m v", lambda r: _root(r) * r.v),
    "ν": Ordinate("ν", lambda r: r.nu),
    "C_d": Ordinate("C_d(t,0)", lambda r: 1 - r.first_layer_displacement**2 / 2),
    "m(C_d−1)": Ordinate("m (C_d(t,0) − 1)",
                         lambda r: -r.parameters.m * r.first_layer_displacement**2 / 2),
    "mC_o": Ordinate("m C_o(t,t)", lambda r: r.parameters.m * r.overlap),
    "δa": Ordinate("m (a − a∞)", lambda r: _from_flow(r)[0]),
    "δv": Ordinate("m (v − v∞)", lambda r: _from_flow(r)[1]),
    "δC_o": Ordinate("m (C_o(t,t) − v∞²)", lambda r: r.parameters.m * (
        r.overlap - neuron_flow(r.parameters, r.t)[1] ** 2)),
}


@dataclass(frozen=True)
class Found:
    """Everything that a figure was drawn from.

    runs        by rising width, or by what else a figure varies, which `names` says
    limits      m → ∞ curves by regime, in units of the widest run
    table       e_∞(γ) and the like at fixed γ, for τ' = 1; `scale` is τ'
    thresholds  by the name of each search
    widths      of those searches, for which n/d and t_rel/m are drawn in place of α and t_rel
    """

    runs: tuple[Trajectory, ...] = ()
    names: tuple[str, ...] = ()
    limits: dict[str, Trajectory] = field(default_factory=dict)
    table: Asymptotics | None = None
    scale: float = 1.0
    thresholds: dict[str, Threshold] = field(default_factory=dict)
    widths: dict[str, float] = field(default_factory=dict)

    @property
    def gamma_star(self) -> float:
        """γ* of the runs' data."""
        assert self.table is not None
        return self.scale * self.table.threshold


def curve(run: Trajectory, x: str, y: str) -> tuple[np.ndarray, np.ndarray]:
    """x and y of a run by their names in `X` and `Y`; an interpolated run stays up to its horizon.
    """
    across, up = X[x].values(run), Y[y].values(run)
    if run.status is Status.INTERPOLATED and x.startswith("t"):
        end = across[-1] * run.parameters.t_max / run.t[-1]
        across, up = np.append(across, end), np.append(up, up[-1])
    return across, up


def at(run: Trajectory, x: str, y: str, places: np.ndarray) -> np.ndarray:
    """y of a run at places on the x axis, by straight lines in log x; of the shape of places."""
    across, up = curve(run, x, y)
    inside = across > 0
    return np.interp(np.log(places), np.log(across[inside]), up[inside])


def solve_widths(p: Parameters, widths: Sequence[int], *, limits: Sequence[str] = (),
                 asymptotic: bool = False, t_per_m: float = 60.0, t_end: float | None = None,
                 rtol: float = 1e-2, n_over_d: float | None = None, fine: bool = False,
                 monitor: Monitor = Monitor()) -> Found:
    """`p` at each width, to t = t_end or t_per_m × m.

    limits      regimes whose m → ∞ curves are wanted
    asymptotic  also what runs at fixed γ tend to: 5 s, once for each α and h
    n_over_d    n/d, where it is this that all widths share and not α
    fine        steps as short as 1/m corrections ask for
    """
    steps = len(widths) + len(limits) + 5 * asymptotic
    runs = []
    for n, m in enumerate(widths):
        at_m = p.replace(m=m, t_max=t_end or t_per_m * m,
                         **({"alpha": n_over_d / m} if n_over_d else {}))
        runs.append(solve(at_m, rtol, monitor=monitor.part(n, steps),
                          **({"control": FINE} if fine else {})))
        monitor.check()
    widest = runs[-1].parameters
    table = asymptotics(widest, monitor=monitor) if asymptotic else None
    curves = {key: limit(widest, key, widest.t_max, rtol=rtol, monitor=monitor) for key in limits}
    return Found(tuple(runs), tuple(f"m = {m:,}" for m in widths), curves, table,
                 math.sqrt(noise_left(p)))


def solve_covariances(p: Parameters, widths: Sequence[int], choices: dict[str, Any], *,
                      monitor: Monitor = Monitor()) -> Found:
    """`p` at each width for several h, the widths of one h after those of the other."""
    steps, runs = len(widths) * len(choices), []
    for h in choices.values():
        for m in widths:
            runs.append(solve(p.replace(h=h, m=m, t_max=None),
                              monitor=monitor.part(len(runs), steps)))
            monitor.check()
    return Found(tuple(runs), tuple(name for name in choices for _ in widths))


def find_thresholds(p: Parameters, searches: dict[str, tuple[float, float]], *,
                    samples: Sequence[float] = (), rtol: float = 1e-2,
                    monitor: Monitor = Monitor()) -> Found:
    """α* for each search (γ₀, m), and at the first γ₀ the m → ∞ train error at sample values of α.

    rtol  0.01 moves α* by less than 10⁻⁴ of itself, 0.03 by less than 4·10⁻⁴
    """
    steps = len(searches)
    found = {name: alpha_threshold(p, gamma0, m, rtol, monitor=monitor.part(n, steps))
             for n, (name, (gamma0, m)) in enumerate(searches.items())}
    gamma0 = next(iter(searches.values()))[0]
    runs = [limit(p.replace(init="lazy", gamma0=gamma0, alpha=alpha), "lazy-2", 200.0)
            for alpha in samples]
    return Found(tuple(runs), tuple(f"α = {alpha:g}" for alpha in samples), thresholds=found,
                 widths={name: m for name, (_, m) in searches.items() if m < math.inf})
