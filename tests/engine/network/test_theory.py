"""Networks against the DMFT: where they must agree, and by how much."""

import numpy as np
import pytest

from engine import Parameters, solve
from engine.network import NetworkSettings, simulate
from engine.network.finite_size import departure, deviation, distance, line

QUADRATIC = Parameters(m=8, alpha=0.5, tau=0.4, h="quadratic", t_max=8.0)


def run(p, theory, **settings):
    runs = simulate(p, NetworkSettings(**settings))
    return runs, *distance(runs, theory, low=0.05)


@pytest.mark.parametrize(("algorithm", "changes"), [
    ("gd", {"h": "cubic"}), ("gd", {"init": "lazy"}), ("gaussian", {}),
])
def test_errors_start_where_the_theory_starts(algorithm, changes):
    """½[τ² + ‖φ‖² + a₀²h(1)/m] at t = 0: the normalisation of both errors, within five standard
    errors of the mean over 30 seeds."""
    p = QUADRATIC.replace(t_max=0.01, **changes)
    start = simulate(p, NetworkSettings(d=40, seeds=30, algorithm=algorithm,
                                        held_out=10)).frame.query("t == 0")
    expected = (p.null_error + p.a_start**2 * sum(p.h) / p.m / 2)
    for column in ("train_error", "test_error"):
        assert abs(start[column].mean() - expected) < 5 * start[column].sem(), column


def test_the_gaussian_model_converges_to_the_dmft_as_d_grows():
    """Finite d shifts means by order 1/d: measured 0.059 at d = 10, 0.011 at d = 40.  The
    second must be below the first's bound, 1/4 of it, within two standard errors, and the
    first must be visible at all."""
    theory = solve(QUADRATIC, rtol=1e-3)
    _, far, far_error = run(QUADRATIC, theory, d=10, seeds=100, algorithm="gaussian")
    _, near, near_error = run(QUADRATIC, theory, d=40, seeds=60, algorithm="gaussian")
    assert far > 4 * far_error
    assert near < far - 3 * np.hypot(near_error, far_error)
    assert near < far / 4 + 2 * np.hypot(near_error, far_error / 4)


def test_the_gaussian_model_lies_within_error_bars_of_the_dmft():
    """At d = 80 every observable's mean over seeds, 3 standard errors plus 2 % for finite d."""
    theory = solve(QUADRATIC, rtol=1e-3)
    runs, *_ = run(QUADRATIC, theory, d=80, seeds=12, algorithm="gaussian")
    for column in ("a", "train_error", "test_error"):
        mean = runs.mean(column).query("t > 0.05")
        expected = theory.at(mean["t"])[column].to_numpy()
        bound = 3 * mean["error"] + 0.02 * theory.test_error[0]
        assert (np.abs(mean["mean"] - expected) < bound).all(), column


def test_a_linear_activation_needs_no_gaussian_approximation():
    """h = q: the fields of the real network are Gaussian, so it converges to the DMFT too;
    both models have one law and differ by the scatter of 12 seeds."""
    p = Parameters(m=4, alpha=0.5, tau=0.4, h=(0, 1.0), t_max=10.0)
    theory = solve(p, rtol=1e-3)
    _, real, real_error = run(p, theory, d=100, seeds=12)
    _, model, model_error = run(p, theory, d=100, seeds=12, algorithm="gaussian")
    assert abs(real - model) < 4 * np.hypot(real_error, model_error)


def test_deviation_is_relative_to_the_test_error_and_departure_is_its_first_crossing():
    """A network that is the theory itself, shifted by a known share."""
    theory = solve(QUADRATIC)
    runs = simulate(QUADRATIC, NetworkSettings(d=20, seeds=2, held_out=10))
    at = theory.at(runs.frame["t"])
    late = (runs.frame["t"] > 1.0).to_numpy()
    runs.frame["test_error"] = at["test_error"] * np.where(late, 1.2, 1.0)
    runs.frame["train_error"] = at["train_error"]
    table = deviation(runs, theory)
    np.testing.assert_allclose(table["test_error"], np.where(table["t"] > 1.0, 0.2, 0), atol=1e-12)
    times = table["t"]
    assert departure(runs, theory) == times[times > 1.0].iloc[0]
    assert departure(runs, theory, level=0.3) == np.inf
    value, error = distance(runs, theory, low=0.05)
    share = (times[times > 0.05] > 1.0).mean()
    assert value == pytest.approx(0.2 * np.sqrt(share / 2))
    assert error == pytest.approx(0.0, abs=1e-12)


def test_the_line_through_exact_distances_is_found():
    found = line([50, 100, 200], [0.1 + 3 / 50, 0.1 + 3 / 100, 0.1 + 3 / 200], [0.01] * 3)
    assert found.offset == pytest.approx(0.1) and found.slope == pytest.approx(3)
    with pytest.raises(ValueError, match="two values"):
        line([50], [0.1], [0.01])


def test_scatter_between_seeds_is_no_distance():
    """The theory plus independent noise of 10 % a seed: the mean of 20 seeds is 2 % off, which
    must vanish within its error bar; a shift of 5 % must be found within it."""
    theory = solve(QUADRATIC)
    runs = simulate(QUADRATIC, NetworkSettings(d=10, seeds=20, held_out=2))
    at, frame = theory.at(runs.frame["t"]), runs.frame
    rng = np.random.default_rng(3)
    for shift in (0.0, 0.05):
        for column in ("train_error", "test_error"):
            noise = 0.1 * rng.standard_normal(len(frame)) + shift
            frame[column] = at[column] + noise * at["test_error"]
        value, error = distance(runs, theory, low=0.01)
        assert error < 0.01
        assert value == pytest.approx(shift, abs=3 * error)
