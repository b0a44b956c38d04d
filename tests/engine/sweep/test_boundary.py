"""Boundaries with few cells."""

import math

import pytest

from engine import ParameterError
from engine.sweep import SweepError, boundary, boundary_line


def test_bisection_finds_a_boundary_with_a_tenth_of_the_runs_of_a_grid(tmp_path):
    """Up to which α does a lazy network interpolate by t = 50?"""
    resolution = 0.01
    found = boundary("solve", "interpolates", "alpha", 0.05, 5, tmp_path / "b.sqlite", init="lazy",
                     gamma0=1, m=8, t_max=50.0, resolution=resolution)
    assert 0 < math.log(found.high / found.low) <= resolution
    assert not found.above  # more data cannot be fitted
    assert found.runs <= math.log(5 / 0.05) / resolution / 10


def test_whole_numbers_are_found_to_the_last_one(tmp_path):
    found = boundary("solve", lambda figures: figures["nodes"] > 0 and figures["final_a"] > 9.5,
                     "m", 2, 1000, tmp_path / "b.sqlite", init="lazy", gamma0=0.5, t_max=1e-4,
                     resolution=1e-6)
    assert found.high - found.low == 1
    assert 0.5 * math.sqrt(found.low) <= 9.5 + 1e-3 and 0.5 * math.sqrt(found.high) > 9.5 - 1e-3
    assert found.above


def test_a_line_of_boundaries_takes_a_tenth_of_the_runs_of_a_grid(tmp_path):
    """a(0) = γ₀√m reaches 3 at γ₀ = 3/√m: a boundary that is known."""
    widths, resolution = [*range(16, 64, 4)], 0.01
    found = boundary_line("solve", lambda figures: figures["final_a"] > 3, "gamma0", 0.05, 5, "m",
                          widths, tmp_path / "b.sqlite", init="lazy", t_max=1e-5,
                          resolution=resolution)
    for m, one in zip(widths, found, strict=True):
        # a has moved by less than 10⁻³ of itself by t = 10⁻⁵
        assert one.low * (1 - 1e-3) < 3 / math.sqrt(m) < one.high * (1 + 1e-3)
        assert math.log(one.high / one.low) <= resolution
    assert sum(one.runs for one in found) <= len(widths) * math.log(5 / 0.05) / resolution / 10
    assert max(one.runs for one in found[2:]) < found[0].runs


def test_a_line_passes_over_values_without_a_boundary_and_finds_it_again(tmp_path):
    found = boundary_line("solve", lambda figures: figures["final_a"] > 3, "gamma0", 0.25, 1, "m",
                          [100, 200, 4, 100, 10_000, 100], tmp_path / "b.sqlite", init="lazy",
                          t_max=1e-5)
    assert [one is None for one in found] == [False, True, True, False, True, False]


def test_ends_that_are_alike_have_no_boundary(tmp_path):
    assert boundary("solve", lambda figures: True, "alpha", 0.3, 0.4, tmp_path / "b.sqlite", m=8,
                    t_max=1.0) is None


def test_a_failed_cell_is_no_answer(tmp_path):
    with pytest.raises(SweepError, match=r"alpha = 0\.4 failed: ParameterError: activation"):
        boundary("solve", "overfits", "alpha", 0.3, 0.4, tmp_path / "b.sqlite", m=8, t_max=1.0,
                 activation="relu")


@pytest.mark.parametrize("wrong", [{"name": "init"}, {"low": 1.0}, {"resolution": 0.0},
                                   {"holds": "glows"}])
def test_what_cannot_be_searched_is_refused(tmp_path, wrong):
    with pytest.raises(ParameterError):
        boundary(**{"kind": "solve", "holds": "overfits", "name": "alpha", "low": 0.3, "high": 0.4,
                    "store": tmp_path / "b.sqlite"} | wrong)
