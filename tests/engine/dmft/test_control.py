"""Step control: plateaus that end, accuracy that follows rtol, a history that is thinned."""

import math

import numpy as np
import pytest
from scipy.integrate import quad

from engine import Parameters, Status, solve
from engine.dmft.reference import solve_euler
from engine.dmft.scheme import stepping
from engine.dmft.scheme.control import Control
from engine.dmft.scheme.error import deviation
from engine.dmft.scheme.row import FAILED
from engine.dmft.scheme.stepping import Stepping, integrate
from engine.dmft.scheme.thinning import thinned
from engine.dmft.symmetric.coefficients import EMPTY, Model
from engine.dmft.symmetric.equations import equations, sizes
from engine.dmft.symmetric.history import allocate


def unstable_plateau(seed: float, m: float = 1e6, a: float = 1e-3) -> tuple[Model, float, float]:
    """A model that is linear while v is small: v' = λ(v + seed)(1 − v²) with λ = αa.

    φ̂(v) = seed·v + v²/2 and an output so small that neither noise nor the neurons' own sum
    acts back.  Returns the model, γ(0) and λ.
    """
    phi = np.array([0.0, seed, 0.5])
    h = np.array([0.0, 0.0, 1e-3])
    model = Model(1.0, 1 / m, m - 1, math.sqrt(m), 1 / math.sqrt(m), 1.0, h,
                  np.polynomial.polynomial.polyder(h), np.polynomial.polynomial.polyder(h, 2),
                  phi, np.polynomial.polynomial.polyder(phi), *EMPTY, False)
    return model, a / math.sqrt(m), a


def columns(model: Model, gamma: float, t_max: float, rtol: float, control: Control) -> dict:
    run = Stepping(equations(model, gamma), t_max, rtol, control)
    integrate(run)
    return run.columns()


def without_escape(take):
    """`take` with an error that does not look at growth off a plateau."""
    def changed(H, model, row, mixing, n, effort):
        outcome, used, error = take(H, model, row, mixing, n, effort)
        if outcome != FAILED and n > 1:
            size, leaving = np.empty(7), np.empty(7)
            sizes(H, model, n, size, leaving)
            error = max(deviation(H.t, H.scalars, n, size[:3]),
                        deviation(H.t, H.observables, n, size[3:])) / effort.rtol
        return outcome, used, error
    return changed


@pytest.mark.parametrize("seed", [1e-2, 1e-4, 1e-6, 1e-8])
@pytest.mark.parametrize(("rtol", "tolerance"), [(1e-2, 0.04), (1e-3, 0.01)])
@pytest.mark.parametrize("largest", [0.25, 0.1, 0.02])
def test_an_unstable_plateau_ends_when_its_growth_rate_says(seed, rtol, tolerance, largest):
    # Left alone, h = t/4 would reach 2/λ, where BDF3 damps what should grow, at t = 8/λ; the
    # plateau of seed 1e-8 ends at 16/λ.  The tolerances are the control's aim, the relative
    # error rtol of the growth rate, times four: v is watched only above rtol/√m.
    model, gamma, rate = unstable_plateau(seed)
    run = columns(model, gamma, 40 / rate, rtol, Control(largest=largest))
    end = np.interp(0.1, run["v"], run["t"])
    expected = quad(lambda v: 1 / ((v + seed) * (1 - v**2)), 0, 0.1, limit=500)[0] / rate
    assert end == pytest.approx(expected, rel=tolerance)


def test_without_the_control_the_plateau_would_be_held(monkeypatch):
    # The check of the check: the control is what the test above measures.
    model, gamma, rate = unstable_plateau(1e-8)
    monkeypatch.setattr(stepping, "take", without_escape(stepping.take))
    run = columns(model, gamma, 40 / rate, 1e-2, Control(largest=0.5))
    expected = quad(lambda v: 1 / ((v + 1e-8) * (1 - v**2)), 0, 0.1, limit=500)[0] / rate
    escaped = run["v"].max() > 0.1
    assert not escaped or abs(np.interp(0.1, run["v"], run["t"]) / expected - 1) > 0.04


def crossover(run, level: float = 0.2) -> float:
    """t at which γ passes `level`, nan if it does not."""
    n = int(np.argmax(run.gamma > level))
    return float(np.interp(level, run.gamma[:n + 1], run.t[:n + 1])) if n else math.nan


@pytest.mark.parametrize(("m", "alpha", "tau", "expected"), [
    (64, 0.6, 0.3, 7.35), (64, 0.3, 0.6, 0.67), (128, 0.3, 0.6, 1.27), (256, 0.3, 0.6, 1.86),
    (512, 0.3, 0.6, 5.5)])
def test_the_end_of_feature_learning_does_not_depend_on_steps_or_tolerance(m, alpha, tau, expected):
    # γ(t) = 0.2 in units of m, as two other implementations have it, to the digits they give.
    p = Parameters(m=m, alpha=alpha, tau=tau, t_max=12.0 * m)
    fine = crossover(solve(p, 1e-3, control=Control(largest=0.05)))
    assert fine / m == pytest.approx(expected, abs=0.03)
    for rtol, largest, tolerance in ((1e-2, 0.25, 0.02), (1e-2, 0.1, 0.02), (1e-3, 0.25, 0.002)):
        coarse = crossover(solve(p, rtol, control=Control(largest=largest)))
        assert coarse == pytest.approx(fine, rel=tolerance)


@pytest.mark.parametrize(("m", "alpha", "tau"),
                         [(128, 0.6, 0.3), (1024, 0.3, 0.6), (4096, 0.3, 0.6)])
def test_a_plateau_that_holds_at_any_step_is_a_state_of_rest(m, alpha, tau):
    # The verdict "no escape up to 60 m" must not come from steps too long for the escape: the
    # end is the same, fifty times as closely as rtol asks, at caps that differ twelvefold.
    p = Parameters(m=m, alpha=alpha, tau=tau, t_max=60.0 * m)
    ends = []
    for rtol, largest in ((1e-2, 0.25), (1e-2, 0.02), (1e-3, 0.05)):
        run = solve(p, rtol, control=Control(largest=largest))
        assert math.isnan(crossover(run))
        ends.append([run.a[-1], run.v[-1], run.train_error[-1], run.test_error[-1]])
    assert np.ptp(ends, axis=0) == pytest.approx(0, abs=2e-4)


def test_euler_leaves_the_same_plateau():
    # Explicit steps cannot hold an unstable plateau.  Euler is first order: its crossover at
    # η → 0 by Richardson, whose own error is the change it makes, squared.
    p = Parameters(m=8, alpha=0.6, tau=0.6, t_max=16.0)
    level = 0.6
    times = [crossover(solve_euler(p, steps), level) for steps in (200, 400)]
    assert crossover(solve(p, 1e-4), level) == pytest.approx(2 * times[1] - times[0], rel=5e-3)


@pytest.mark.parametrize("p", [
    Parameters(m=128, alpha=0.3, tau=0.3),
    Parameters(init="lazy", m=1024, h="quadratic"),
    Parameters(init="lazy", m=64, gamma0=0.1, alpha=1.0, tau=1.0, t_max=1e4),
    Parameters(target="noise", m=64, alpha=1.0, tau=1.0)],
    ids=["mean-field", "lazy", "glassy", "noise"])
def test_a_thinned_history_gives_the_same_curves(p):
    # A tenth of what rtol = 1e-2 allows.
    whole = solve(p, 1e-3, control=Control(history=1500))
    thin = solve(p, 1e-3, control=Control(history=100))
    assert whole.work["thinned"] == 0 < thin.work["thinned"]
    t = np.geomspace(0.1, min(whole.t[-1], thin.t[-1]), 80)
    for column in ("gamma", "train_error", "test_error", "first_layer_displacement"):
        a, b = whole.at(t)[column], thin.at(t)[column]
        assert np.max(np.abs(a - b)) < 1e-3 * np.max(np.abs(a)) + 1e-12


def test_thinning_keeps_sums_against_cubics():
    # R̂ acts on f by Σ_k R̂[n,k] f(t_k): dropping nodes must not change that for cubic f.
    n, target = 60, 45
    H = allocate(1, n)
    rng = np.random.default_rng(0)
    H.t[:] = np.cumsum(rng.uniform(0.5, 1.5, n))
    H.R_perp[:] = np.tril(rng.uniform(size=(n, n)))
    H.R_perp[:, 0] = 0
    before = [H.R_perp[-1] @ H.t**power for power in range(4)]
    left = thinned(H, n, target)
    assert left == target
    after = [H.R_perp[left - 1, :left] @ H.t[:left]**power for power in range(4)]
    assert after == pytest.approx(before, rel=1e-10)


def test_a_run_that_can_go_no_further_is_stalled_and_keeps_usable_curves(monkeypatch):
    # From row 40 on every step longer than 1e-8 t is refused, then every step.
    real = stepping.take

    def refusing(H, model, row, mixing, n, effort):
        short = H.t[n] - H.t[n - 1] < 1e-8 * H.t[n]
        if n < 40 or (short and n < 60):
            return real(H, model, row, mixing, n, effort)
        return FAILED, 1, math.inf

    monkeypatch.setattr(stepping, "take", refusing)
    run = solve(Parameters(m=16))
    assert run.status is Status.STALLED
    assert run.work["retreats"] > 0
    assert np.all(np.diff(np.log(run.t[1:])) > 0)
    assert np.all(np.isfinite(run.at(run.t).to_numpy()))


def test_time_only_goes_forward_in_runs_that_take_rows_back(monkeypatch):
    # No row after t = 50: rows are taken back again and again, across thinned parts of the
    # history, where one of its rows is several time steps.
    real = stepping.take
    monkeypatch.setattr(stepping, "take", lambda H, model, row, mixing, n, effort:
                        (FAILED, 1, math.inf) if H.t[n] > 50
                        else real(H, model, row, mixing, n, effort))
    run = solve(Parameters(m=16), control=Control(history=30))
    assert run.status is Status.STALLED
    assert run.work["retreats"] > 3 and run.work["thinned"] > 3
    assert np.all(np.diff(run.t) > 0)
    assert len(run.t) == run.work["nodes"]


def test_a_frozen_second_layer_stays_where_it_is_to_the_last_bit():
    # Slow to solve at this tolerance, so that the mixing of unknowns has time to drift.
    p = Parameters(init="lazy", gamma0=1.0, alpha=1.0, tau=0.0, m=25, train_second_layer=False,
                   t_max=750.0)
    run = solve(p, 0.03)
    assert run.status is Status.REACHED_T_MAX
    assert np.all(run.gamma == 1.0)
