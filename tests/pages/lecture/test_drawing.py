"""A drawn line is read as a curve over its stretch of time and measured against the true one."""

import numpy as np
import pytest

from pages.lecture.drawing import DIGITS, KNOTS, Drawing, factor, read


def line(low, high, y=lambda t: 0.1 * t**-0.5, count=30):
    t = np.geomspace(low, high, count)
    return [[a, b] for a, b in zip(t, y(t), strict=True)]


ROUNDED = 10.0**(1 - DIGITS)
STRETCH = (0.1, 10.0)


def curve(points) -> Drawing:
    return Drawing.of(read(points, *STRETCH))


def test_a_line_is_kept_within_its_stretch():
    whole = curve(line(0.001, 1000.0))
    assert whole.t[[0, -1]] == pytest.approx([0.1, 10.0], rel=ROUNDED) and len(whole.t) == KNOTS
    assert whole.y == pytest.approx(0.1 * whole.t**-0.5, rel=ROUNDED), (
        "straight between points, in log t, log e")


def test_a_hand_that_goes_back_draws_no_second_value():
    there = line(0.1, 10.0)
    assert curve([*there, *line(0.1, 9.0, lambda t: 5.0 * t)[::-1]]).y == pytest.approx(
        curve(there).y)


def test_nothing_drawn_within_the_stretch_is_no_line():
    for points in ([], [[1.0, 0.5]], [[-1.0, 2.0], [3.0, 0.0]], line(20.0, 30.0), line(0.01, 0.02)):
        assert read(points, *STRETCH) is None


def test_the_distance_is_the_mean_factor_between_the_lines():
    drawn = curve(line(0.1, 10.0))
    assert factor(drawn, drawn.y, 1e-9, STRETCH) == pytest.approx(1.0)
    assert factor(drawn, 1.3 * drawn.y, 1e-9, STRETCH) == pytest.approx(1.3)
    wave = drawn.y * np.where(np.arange(drawn.y.size) % 2, 1.3, 1 / 1.3)
    assert factor(drawn, wave, 1e-9, STRETCH) == pytest.approx(1.3), (
        "too high and too low do not cancel")


def test_what_lies_below_the_plot_counts_as_on_its_edge():
    drawn = curve(line(0.1, 10.0, lambda t: np.full_like(t, 1e-3)))
    assert factor(drawn, np.full_like(drawn.t, 1e-12), 1e-3, STRETCH) == pytest.approx(1.0)


def test_a_short_line_is_not_judged():
    short = curve(line(0.1, 0.9))
    assert factor(short, short.y, 1e-9, STRETCH) is None
    assert factor(short, short.y, 1e-9, (0.1, 1.0)) == pytest.approx(1.0)
