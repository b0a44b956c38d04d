"""Boundaries with few cells."""

import math

import pytest

from engine.sweep import SweepError, boundary


def test_bisection_finds_a_boundary_with_a_tenth_of_the_runs_of_a_grid(tmp_path):
    """At which α does a lazy network's gap open before t = 2?"""
    resolution = 0.01
    found = boundary("solve", "overfits", "alpha", 0.05, 5, tmp_path / "b.sqlite", init="lazy",
                     gamma0=1, m=8, t_max=2.0, resolution=resolution)
    assert 0 < math.log(found.high / found.low) <= resolution
    assert not found.above  # more data, less of a gap
    assert found.runs <= math.log(5 / 0.05) / resolution / 10


def test_whole_numbers_are_found_to_the_last_one(tmp_path):
    found = boundary("solve", lambda figures: figures["nodes"] > 0 and figures["final_a"] > 9.5,
                     "m", 2, 1000, tmp_path / "b.sqlite", init="lazy", gamma0=0.5, t_max=1e-4,
                     resolution=1e-6)
    assert found.high - found.low == 1
    assert 0.5 * math.sqrt(found.low) <= 9.5 + 1e-3 and 0.5 * math.sqrt(found.high) > 9.5 - 1e-3
    assert found.above


def test_ends_that_are_alike_are_refused(tmp_path):
    with pytest.raises(SweepError, match=r"both 0\.3 and 0\.4"):
        boundary("solve", lambda figures: True, "alpha", 0.3, 0.4, tmp_path / "b.sqlite", m=8,
                 t_max=1.0)
