"""The mean-field plateau: slow corrections, its rest at t ≫ √m, and the width that locks it."""

import math
from dataclasses import replace

import numpy as np
import pytest

from engine import Parameters, Status, solve
from engine.dmft.scheme.control import Control
from engine.limits import LimitError, limit
from engine.limits.locking import (
    first_corrections,
    has_left,
    locked_state,
    locking_width,
    predicted_locking_width,
)
from engine.monitor import Monitor, Stopped
from engine.results.trajectory import COLUMNS

FINE = Control(largest=0.03, growth=1.1, mismatch=1e-4)


def test_corrections_of_order_one_over_m_grow_linearly_with_the_closed_slopes():
    """m(x_m − x_∞) between t = 80 and 300 at m = 10⁵, where √m = 316.  8 %: t/√m, the terms left
    out at the end, and the solver's own error, 1e-5 of x, at the beginning."""
    p = Parameters(alpha=0.3, tau=0.3, m=10**5, t_max=300.0)
    t = np.array([80.0, 300.0])
    run = solve(p, 1e-4, control=FINE).at(t)
    curve = limit(p, "mean-field-1", t_end=300.0).at(t)
    slopes = first_corrections(p)
    for column in ("a", "v", "nu", "overlap"):
        grown = np.diff(p.m * (run[column] - curve[column]))[0] / np.diff(t)[0]
        assert grown == pytest.approx(getattr(slopes, column), rel=0.08), column


def test_without_noise_or_curvature_nothing_grows():
    slopes = first_corrections(Parameters(tau=0.0))
    assert slopes.a == slopes.v == slopes.nu == slopes.overlap == 0


@pytest.mark.parametrize("h", ["cubic", "quadratic"])
def test_wide_networks_come_to_rest_at_one_over_root_m_from_the_target(h):
    """t = 100√m: a 2-spin glass approaches its multiplier like 1/t, here 2 % below it."""
    p = Parameters(alpha=0.3, tau=0.3, m=10**6, h=h, t_max=1e5)
    run = solve(p, 3e-3, control=Control(largest=0.1, growth=1.2))
    rest = locked_state(p)
    assert run.nu[-1] == pytest.approx(rest.nu, rel=0.03)
    assert 1 - run.v[-1] == pytest.approx(1 - rest.v, rel=0.03)
    assert run.a[-1] - 1 == pytest.approx(rest.a - 1, rel=0.03)


def test_the_rest_scales_like_one_over_root_m():
    near, far = (locked_state(Parameters(m=m)) for m in (100, 10_000))
    assert (1 - near.v) / (1 - far.v) == pytest.approx(10)
    assert near.nu / far.nu == pytest.approx(10)


@pytest.mark.parametrize(("h", "alpha", "tau"), [("cubic", 0.3, 0.3), ("quadratic", 0.5, 0.5)])
def test_networks_narrower_than_the_locking_width_escape_and_wider_ones_stay(h, alpha, tau):
    """At another tolerance and with shorter steps than the search used, to five times its time."""
    p = Parameters(alpha=alpha, tau=tau, h=h)
    low, high = locking_width(p)
    assert low < high <= 1.1 * low + 1
    escapes, stays = (solve(p.replace(m=m, t_max=1e3 * m), 2e-3, control=Control(largest=0.1))
                      for m in (low, math.ceil(1.2 * high)))
    assert escapes.status is Status.INTERPOLATED and escapes.a[-1] > 2
    assert stays.a[-1] < 1.7 and stays.v[-1] > 0.6


@pytest.mark.parametrize(("h", "alpha", "tau"), [
    ("cubic", 0.3, 0.3), ("cubic", 0.3, 1.0), ("cubic", 0.6, 0.3), ("quadratic", 0.3, 0.3),
    ("weak", 0.3, 0.3)])
def test_the_locking_width_is_the_one_that_the_equations_at_rest_predict(h, alpha, tau):
    """From m_c = 85 to 1500, nothing fitted; 12 %: the bracket is 10 % wide, and 1/√m."""
    p = Parameters(alpha=alpha, tau=tau, h=h)
    low, high = locking_width(p)
    assert predicted_locking_width(p) == pytest.approx(math.sqrt(low * high), rel=0.12)


def test_without_noise_nothing_locks():
    for width in (predicted_locking_width, locking_width):
        with pytest.raises(LimitError, match="without noise"):
            width(Parameters(tau=0.0))


@pytest.mark.parametrize(("settings", "t_per_m"), [
    (dict(tau=1.0, m=1328), 12.0),  # on its way
    (dict(h="quadratic", alpha=0.6, tau=0.15, m=16), 50.0),  # memorises and keeps v = 0.6
    (dict(alpha=2.0, tau=1.0, m=100), 50.0),  # α ≥ 1: the train error never gets to zero
])
def test_a_network_that_forgets_or_memorises_has_left_though_it_does_not_interpolate(
        settings, t_per_m):
    p = Parameters(**settings)
    run = solve(p.replace(t_max=t_per_m * p.m))
    assert run.status is not Status.INTERPOLATED
    assert has_left(run)


@pytest.mark.parametrize(("settings", "low", "high"), [
    # Not more than 15 % from the equations at rest; `low` and `high` are 10 % apart.
    (dict(tau=1.0), 1400, 1700), (dict(h="quadratic", alpha=0.6, tau=0.15), 50, 65),
    (dict(alpha=1.0, tau=0.3), 42, 53)])
def test_the_locking_width_is_found_where_runs_stall_or_end_before_they_interpolate(
        settings, low, high):
    found = locking_width(Parameters(**settings))
    assert low < found[0] < found[1] < high


def test_of_a_run_that_ends_early_only_what_it_shows_is_said():
    p = Parameters(m=100)
    run = solve(p.replace(t_max=54.0 * p.m))  # leaves at t = 10 m
    until = lambda t: replace(run, status=Status.STALLED, **{  # noqa: E731
        name: getattr(run, name)[run.t <= t * p.m] for name in COLUMNS})
    assert has_left(until(30))
    with pytest.raises(LimitError, match="ended on the plateau"):
        has_left(until(1))


def test_the_locking_width_goes_like_one_over_alpha():
    """In units of αt, α and m enter the plateau's equations as αm, up to 1/m.  15 %: the bracket's
    width, and the next order."""
    narrow, wide = (locking_width(Parameters(alpha=alpha))[1] for alpha in (0.15, 0.6))
    assert narrow == pytest.approx(4 * wide, rel=0.15)


def test_a_search_for_the_locking_width_can_be_stopped():
    with pytest.raises(Stopped):
        locking_width(Parameters(), monitor=Monitor(cancel=lambda: True))


@pytest.mark.parametrize("other", [dict(init="lazy"), dict(target="noise"), dict(h=(0, 0, 0.5)),
                                   dict(h=(0, 1.0)), dict(phi=(0, 1.0))])
def test_another_plateau_is_refused(other):
    with pytest.raises(LimitError, match="needs"):
        locking_width(Parameters(**other))
