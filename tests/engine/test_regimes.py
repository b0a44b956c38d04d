"""Which time scales a run has (Table 1 and section 2 of the paper), and where they meet."""

import math
from itertools import pairwise

import pytest

from engine import Parameters
from engine.regimes import KINDS, load, regimes
from engine.results.trajectory import COLUMNS

SCALES = {
    ("lazy", "single-index"): ["t = Θ(1/m)", "t = Θ(1)", "t = Θ(m)"],
    ("lazy", "noise"): ["t = Θ(1/m)", "t = Θ(1)", "t = Θ(m)"],
    ("mean-field", "single-index"): ["t = Θ(1)", "t = Θ(m)"],
    ("mean-field", "noise"): ["t = Θ(1)", "t = Θ(√m)", "t = Θ(m)"],
}


@pytest.mark.parametrize(("init", "target"), SCALES)
def test_each_start_and_target_has_the_papers_time_scales(init, target):
    rows = regimes(Parameters(init=init, target=target))
    assert [row.scale for row in rows] == SCALES[init, target]


@pytest.mark.parametrize(("init", "target"), SCALES)
@pytest.mark.parametrize("m", [2, 100, 10**6])
def test_regimes_cover_all_times_without_overlap_and_hold_their_own_scale(init, target, m):
    rows = regimes(Parameters(init=init, target=target, m=m))
    assert rows[0].low == 0 and rows[-1].high == math.inf
    for left, right in pairwise(rows):
        assert left.high == right.low
    for row in rows:
        assert row.low < m**row.power < row.high


def test_neighbouring_regimes_meet_at_the_geometric_mean_of_their_scales():
    lazy = regimes(Parameters(init="lazy", m=10_000, h=(0, 0, 0.5)))
    assert [row.high for row in lazy[:2]] == pytest.approx([1 / 100, 100])
    noise = regimes(Parameters(target="noise", m=10_000))
    assert [row.high for row in noise[:2]] == pytest.approx([10, 1000])


def test_linear_learning_ends_later_where_its_rate_is_small():
    """The scale is 1/(αγ₀²h'(0)m) = 1/(0.3 · 0.04 · 0.9 · 10⁴) = 0.0093, the next one 1."""
    first, second, _ = regimes(Parameters(init="lazy", gamma0=0.2, m=10_000))
    assert first.high == pytest.approx(math.sqrt(1 / (0.3 * 0.2**2 * 0.9 * 10_000)))
    assert second.high == pytest.approx(100)


def test_the_slowest_start_still_leaves_room_for_the_next_regime():
    first, second, _ = regimes(Parameters(init="lazy", gamma0=0.01, alpha=0.01, m=2))
    assert first.high == pytest.approx(second.high / 2)


def test_the_first_regime_of_noise_is_not_called_learning():
    for init in ("lazy", "mean-field"):
        assert "earning" not in regimes(Parameters(init=init, target="noise"))[0].name


def test_regime_keys_are_unique_over_all_cases():
    keys = [row.key for init, target in SCALES if (init, target) != ("lazy", "noise")
            for row in regimes(Parameters(init=init, target=target))]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_every_row_of_the_table_names_what_exists(kind):
    assert all(callable(load(name)) for name in (kind.curve, kind.form) if name)
    assert set(kind.scalings) <= set(COLUMNS)
    assert 0 < kind.window[0] < kind.window[1]


def test_every_regime_of_the_table_occurs_and_one_has_no_curve():
    seen = {row.key for init, target in SCALES
            for row in regimes(Parameters(init=init, target=target))}
    assert seen == set(KINDS)
    assert [key for key, kind in KINDS.items() if not kind.curve] == ["mean-field-2"]
