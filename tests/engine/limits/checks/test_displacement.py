"""Displacements scale with the width as the paper's tables of regimes say."""

import numpy as np
import pytest

from engine import Parameters
from engine.limits import LimitError
from engine.limits.checks.displacement import COLUMNS, displacement_scalings

LAZY = Parameters(init="lazy", gamma0=0.3, alpha=0.3, tau=0.3)
WIDE = (1024, 4096, 16384, 65536)


@pytest.mark.parametrize(("p", "key", "first", "second"), [
    (LAZY, "lazy-1", -0.5, -1.5), (LAZY.replace(gamma0=1.0), "lazy-2", 0, -0.5),
    (LAZY, "lazy-3", 0, 0.5), (Parameters(), "mean-field-1", 0, 0),
    (Parameters(target="noise"), "noise-1", -0.5, -1.0),
])
def test_powers_of_the_width_are_those_of_the_regime(p, key, first, second):
    """Table 1 and section 2: the first layer moves Θ(1/√m) or Θ(1); a by o(√m) in the first two
    lazy regimes and by Θ(√m) in the third, by Θ(1) in mean-field 1 and o(1) for noise.  0.05 is
    the overlap of neighbouring regimes at these widths."""
    found = displacement_scalings(p, key, WIDE)
    assert found["first_layer_displacement"].exponent == pytest.approx(first, abs=0.05)
    assert found["second_layer_displacement"].exponent == pytest.approx(second, abs=0.05)
    gamma, a = (found[f"{name}_displacement"].exponent for name in ("gamma", "second_layer"))
    assert gamma == pytest.approx(a - 0.5, abs=1e-9)
    assert all(found[c].error < 0.05 for c in COLUMNS)


def test_a_frozen_layer_has_no_power():
    found = displacement_scalings(LAZY.replace(train_second_layer=False), "lazy-1", (64, 256))
    assert np.isnan(found["gamma_displacement"].exponent)
    assert found["first_layer_displacement"].values[0] > 0


def test_a_regime_of_another_start_is_refused():
    with pytest.raises(LimitError, match="not a regime"):
        displacement_scalings(LAZY, "mean-field-1")
