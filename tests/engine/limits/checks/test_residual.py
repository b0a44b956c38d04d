"""Inserted into the finite-m equations, each asymptotic form leaves what the theory claims."""

import numpy as np
import pytest

from engine import Parameters
from engine.limits import LimitError
from engine.limits.checks import residual as module
from engine.limits.checks.residual import FORMS, residuals
from engine.monitor import Monitor

CASES = {
    "lazy-1": dict(init="lazy", gamma0=1.0, alpha=0.3, tau=0.3),
    "lazy-2": dict(init="lazy", gamma0=0.5, alpha=0.5, tau=0.3),
    "mean-field-1": dict(alpha=0.3, tau=0.3),
    "noise-1": dict(alpha=0.3, tau=0.5, target="noise"),
}


@pytest.mark.parametrize("h", ["cubic", "quadratic"])
@pytest.mark.parametrize("key", CASES)
def test_residuals_fall_with_the_power_that_the_ansatz_claims(key, h):
    """Over m = 16 … 4096; 0.15 is the next order at the last two widths: a half power claimed
    mixes with a whole one, 1/√m + c/m with c up to 20."""
    for row in residuals(Parameters(h=h, **CASES[key]), key):
        if not row.exact:
            assert row.last == pytest.approx(row.claimed, abs=0.15), row
            assert row.exponent == pytest.approx(row.claimed, abs=0.3), row


def test_equations_that_hold_exactly_are_few_and_known():
    """With h = h₁z + h₂z² the differences of neurons obey the limit's equations at any width."""
    exact = {h: {r.equation for r in residuals(Parameters(h=h, **CASES["lazy-2"]), "lazy-2")
                 if r.exact} for h in ("cubic", "quadratic")}
    assert exact == {"cubic": set(), "quadratic": {"R_⊥", "C_⊥"}}


@pytest.mark.parametrize("key", ["lazy-1", "noise-1"])
def test_a_wrong_form_leaves_a_residual_at_every_width(key, monkeypatch):
    """R_∥ decaying at 1.2 times the true rate: its equation no longer improves with m."""
    insert = module.insert

    def wrong(p, form, horizon):
        right = form.R_par
        return insert(p, form._replace(R_par=lambda t, s: right(t, s) ** 1.2), horizon)

    monkeypatch.setattr(module, "insert", wrong)
    rows = {r.equation: r for r in residuals(Parameters(**CASES[key]), key)}
    assert rows["R_∥"].last > -0.1 and rows["R_∥"].values[-1] > 0.02


def test_a_wrong_level_of_the_labels_is_seen():
    """τ doubled in C_A alone."""
    p = Parameters(h="cubic", **CASES["lazy-2"])
    model = module.infinite_width
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "infinite_width",
                      lambda q: model(q)._replace(label_variance=4 * model(q).label_variance))
        rows = {r.equation: r for r in residuals(p, "lazy-2", (256, 1024, 4096))}
    assert rows["C_A"].last > -0.1


def test_regimes_without_a_two_time_form_say_so():
    with pytest.raises(LimitError, match="no form of two times"):
        residuals(Parameters(init="lazy"), "lazy-3")
    with pytest.raises(LimitError, match="not a regime"):
        residuals(Parameters(), "lazy-1")


def test_progress_and_cancel():
    shares = []
    p = Parameters(**CASES["noise-1"])
    rows = residuals(p, "noise-1", (16, 64), monitor=Monitor(shares.append))
    assert shares == [0.5, 1.0] and len(rows[0].values) == 2
    assert residuals(p, "noise-1", monitor=Monitor(cancel=lambda: True)) == []
    assert set(FORMS) == set(CASES)
    assert np.isnan(residuals(p, "noise-1", (16,))[0].exponent)
