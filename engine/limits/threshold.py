"""Interpolation thresholds with a frozen second layer: γ*(α, φ, τ) and α*(γ₀).

Above γ* (below α*) gradient flow at fixed γ reaches zero train error.  Approaching the threshold
from that side the relaxation time t_rel, the first time with e_tr < 1e-7 τ'², diverges like
|x − x*|^{−ν} (section 2.3 and H.3).  At m = ∞, (2.8): γ*(α, φ, τ) = τ' γ*(α, 0, 1).
"""

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from scipy.optimize import curve_fit

from engine.dmft.scheme.control import Control
from engine.dmft.scheme.settings import MAX_NODES
from engine.dmft.scheme.stepping import Stepping, integrate
from engine.dmft.symmetric.coefficients import Model, finite_width, infinite_width
from engine.dmft.symmetric.equations import equations
from engine.limits.extrapolate import STEP, power_law_limit
from engine.limits.frame import LimitError, check_start
from engine.monitor import Monitor
from engine.parameters import Parameters
from engine.results.status import Status

RELAXED = 1e-7
"""e_tr/τ'² at which a run counts as relaxed."""
HORIZON, BRACKET_HORIZON, SEARCH_HORIZON = 1e7, 1e6, 1e5
"""Longest runs of the fit, the bisection and the search, in units of `time_unit`."""
SEARCH_NODES = 500
HISTORY = 500
"""Rows of history kept.  What rtol alone would keep, 140 rows at 1e-2, lets runs relax below the
threshold, where the memory of all ages decides."""
WINDOW = np.geomspace(0.01, 0.15, 8)
"""Relative distances from the threshold at which t_rel is fitted."""
ROUNDS = 6
BISECTIONS, USUAL_RUNS = 4, 45
LEAST, MOST_GAMMA = 1e-8, 50.0
"""Least threshold searched for; largest γ*/τ', where noise no longer counts: if gradient flow
does not interpolate there, it does so at no γ."""


@dataclass(frozen=True)
class Threshold:
    """A threshold, its uncertainty, and what it was found from.

    value, error   x* of the fit t_rel = B |x − x*|^{−ν} and its standard error, which includes
                   the change when the half of the points nearest to x* is fitted alone, and the
                   distance from x* to the bracket if it lies outside
    low, high      bracket by bisection on long runs, without a fit: the nearest x whose train
                   error extrapolates to a positive value and the nearest that interpolates
    nu, nu_error   the exponent, with the same kind of error
    x, t_rel       the runs of the fit, shape (points,)
    """

    value: float
    error: float
    low: float
    high: float
    nu: float
    nu_error: float
    x: tuple[float, ...]
    t_rel: tuple[float, ...]

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def model_at(p: Parameters, m: float) -> Model:
    """The frozen-second-layer model of `p` at width m; math.inf for the reduced one."""
    if math.isinf(m):
        return infinite_width(p)
    return finite_width(p.replace(m=int(m), train_second_layer=False))


def gamma_threshold(p: Parameters, m: float = math.inf, rtol: float = 3e-3, *,
                    monitor: Monitor = Monitor()) -> Threshold:
    """γ* at p.alpha, p.tau, target and h.  Raises LimitError when there is none.

    Stopped when cancelled before one of the runs; progress is the share of the runs that a search
    usually takes.  Cost: some 30 runs, 3 s of one core at m = ∞ and α = 0.3.  It rises as α → 1,
    where runs near γ* relax ever later and rows of history are ever more: minutes at α = 0.9.
    """
    model, left = model_at(p, m), variance(p)
    if p.alpha >= 1:
        raise LimitError(f"α = {p.alpha:g}: n ≥ md labels cannot all be fitted by the md weights of"
                         " the first layer, at any γ. Choose α below 1.")
    family = Family(lambda gamma: (model, gamma), left, rtol, 1, monitor)
    return locate(family, start=math.sqrt(left), most=MOST_GAMMA * math.sqrt(left))


def alpha_threshold(p: Parameters, gamma0: float, m: float = math.inf,
                    rtol: float = 3e-3, *, monitor: Monitor = Monitor()) -> Threshold:
    """α* at fixed γ₀: the largest α at which gradient flow interpolates.

    With γ₀ = a₀/√m this is the fixed-a threshold of H.3, n/d = α* m.  Otherwise like
    `gamma_threshold`.
    """
    model, left = model_at(p, m), variance(p)
    family = Family(lambda alpha: (model._replace(alpha=float(alpha)), gamma0), left, rtol, -1,
                    monitor)
    return locate(family, start=min(1.0, gamma0**2 / left))


def start_gamma(p: Parameters, m: float) -> float:
    """γ at which α* is asked for: γ₀, or a₀/√m.  Raises LimitError at m = ∞ for a given a₀."""
    if p.init == "mean-field" and math.isinf(m):
        raise LimitError("a₀ of order 1 is γ = 0 at m = inf: give --init lazy --gamma0, or --m.")
    return p.a_start / math.sqrt(p.m)


def variance(p: Parameters) -> float:
    """τ'², after checking that there is noise to fit and a landscape to fit it with."""
    check_start(p)
    if p.covariance.is_linear:
        raise LimitError("h has only a linear term, which cannot fit noise: there is no"
                         " threshold. Add a term of order z² or higher.")
    left = p.reduced_noise
    if left < 1e-12:
        raise LimitError("τ' = 0: a linear model explains the labels, so every γ interpolates."
                         " Raise tau or choose a target with a nonlinear part.")
    return left


def time_unit(model: Model, gamma: float, variance: float) -> float:
    """Shortest relaxation time of the ⊥ sector, from its two memory kernels at the start."""
    curvature = model.dh.sum() - model.dh[0] + model.ddh.sum()
    return 1 / max(math.sqrt(model.alpha * variance * curvature) * gamma,
                   model.alpha * gamma**2 * curvature)


def relax(model: Model, gamma: float, variance: float, rtol: float, horizon: float = HORIZON,
          max_nodes: int = MAX_NODES) -> tuple[float, Stepping]:
    """t_rel at fixed γ, inf when the horizon comes first, and the run itself."""
    control = Control(history=HISTORY, interpolated=0.5 * RELAXED * variance
                      / (variance + gamma**2 * model.h.sum()))
    run = Stepping(equations(model, gamma), horizon * time_unit(model, gamma, variance), rtol,
                   control, max_nodes)
    integrate(run)
    o = run.columns()
    t, e = o["t"], o["train_error"] / variance
    n = int(np.argmax(e < RELAXED))
    if not e[n] < RELAXED:
        return math.inf, run
    # Exponential decay between the last two nodes.
    fraction = math.log(e[n - 1] / RELAXED) / math.log(e[n - 1] / e[n])
    return float(t[n - 1] + fraction * (t[n] - t[n - 1])), run


def keeps_error(run: Stepping) -> bool:
    """Does the run tell that a train error stays?

    It must reach its horizon, lose less than half of the error in the last factor of STEP in time,
    and extrapolate to more than a third of what is left.
    """
    o = run.columns()
    t, e = o["t"], o["train_error"]
    return (run.status is Status.REACHED_T_MAX and e[-1] > np.interp(t[-1] / STEP, t, e) / 2
            and power_law_limit(t, e) > e[-1] / 3)


def locate(family: "Family", start: float, most: float = 1e3) -> Threshold:
    """The threshold of `family` between LEAST and most.

    First a rough search from `start`, then t_rel on the window, each window centred on the fit
    before, until the centre stays; last a bisection on long runs, independent of the fit.
    """
    centre = family.search(start, most)
    last = math.inf
    for _ in range(ROUNDS):
        if abs(centre - last) < 0.2 * WINDOW[0] * centre:
            break
        last = centre
        x, times = family.window(centre)
        law, error = _divergence(x, times, family.sign)
        centre = law[1]
    near, _ = _divergence(x[:5], times[:5], family.sign)
    spread = np.hypot(error, near - law)
    low, high = family.bracket(law[1], x[0])
    outside = max(low - law[1], law[1] - high, 0.0)
    return Threshold(float(law[1]), math.hypot(spread[1], outside), low, high,
                     float(law[2]), float(spread[2]), tuple(map(float, x)),
                     tuple(map(float, times)))


@dataclass
class Family:
    """Runs at(x) = (model, γ), counted for the progress.

    sign  1 if they relax at large x, −1 if at small x;  variance  τ'²
    """

    at: Callable[[float], tuple[Model, float]]
    variance: float
    rtol: float
    sign: int
    monitor: Monitor
    runs: int = 0

    def run(self, x: float, horizon: float = HORIZON, max_nodes: int = MAX_NODES
            ) -> tuple[float, Stepping]:
        self.monitor.check()
        found = relax(*self.at(x), self.variance, self.rtol, horizon, max_nodes)
        self.runs += 1
        self.monitor.progress(min(0.99, self.runs / USUAL_RUNS))
        return found

    def relaxes_soon(self, x: float) -> bool:
        return math.isfinite(self.run(x, SEARCH_HORIZON, SEARCH_NODES)[0])

    def search(self, x: float, most: float) -> float:
        """An x that relaxes within the search horizon, at most 10 % from one that does not."""
        keeps, relaxes = None, None
        while keeps is None or relaxes is None:
            if not LEAST < x < most:
                raise LimitError(f"no threshold between {LEAST:g} and {most:g}. Choose a smaller"
                                 " alpha.")
            if self.relaxes_soon(x):
                relaxes, x = x, x * 2.0 ** (-self.sign)
            else:
                keeps, x = x, x * 2.0**self.sign
        while abs(relaxes - keeps) > 0.1 * relaxes:
            x = math.sqrt(relaxes * keeps)
            if self.relaxes_soon(x):
                relaxes = x
            else:
                keeps = x
        return relaxes

    def window(self, centre: float) -> tuple[np.ndarray, np.ndarray]:
        """The x on the relaxing side of `centre` and their t_rel."""
        x = centre * (1 + self.sign * WINDOW)
        times = np.array([self.run(xi)[0] for xi in x])
        seen = np.isfinite(times)
        if seen.sum() < 5:
            raise LimitError(f"only {seen.sum()} runs near {centre:g} relaxed; the threshold"
                             " cannot be fitted. Try a larger rtol or another alpha.")
        return x[seen], times[seen]

    def bracket(self, threshold: float, relaxed: float) -> tuple[float, float]:
        """(low, high) by bisection from x = `relaxed`, until a run is not long enough to tell.

        It relaxes within BRACKET_HORIZON on one side and extrapolates to a positive train error on
        the other.
        """
        for distance in (0.02, 0.04, 0.08, 0.16, 0.32):
            kept = threshold * (1 - self.sign * distance)
            if keeps_error(self.run(kept, SEARCH_HORIZON, SEARCH_NODES)[1]):
                break
        else:
            raise LimitError(f"no run near {threshold:g} keeps a train error.")
        for _ in range(BISECTIONS):
            x = 0.5 * (kept + relaxed)
            time, run = self.run(x, BRACKET_HORIZON, SEARCH_NODES)
            if math.isfinite(time):
                relaxed = x
            elif keeps_error(run):
                kept = x
            else:
                break
        return float(min(kept, relaxed)), float(max(kept, relaxed))


def _divergence(x: np.ndarray, times: np.ndarray,
                sign: int) -> tuple[np.ndarray, np.ndarray]:
    """The fit (log B, x*, ν) of log t_rel = log B − ν log(sign (x − x*)), and standard errors."""
    nearest = sign * np.min(sign * x)
    width = np.ptp(x)

    def law(x: np.ndarray, log_b: float, gap: float, nu: float) -> np.ndarray:
        return log_b - nu * np.log(sign * (x - nearest) + np.exp(gap) * width)

    start = (np.log(times[-1]) + 2 * np.log(width), math.log(0.05), 2.0)
    found, covariance = curve_fit(law, x, np.log(times), p0=start, maxfev=20000)
    gap = math.exp(found[1]) * width
    error = np.sqrt(np.diag(covariance)) * np.array([1, gap, 1])
    return np.array([found[0], nearest - sign * gap, found[2]]), error
