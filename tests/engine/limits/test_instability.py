"""The growth rate of differences on the plateau against the linear stability of wide networks."""

import numpy as np
import pytest

from engine import Parameters, stability
from engine.limits import LimitError, plateau_rate

CUBIC = Parameters(alpha=0.3, tau=0.3)
WIDTHS = (16384, 131072, 1_000_000)


def measured(p: Parameters) -> float:
    """λm at rest; 4 m is past the transient at any of WIDTHS."""
    return stability(p.replace(t_max=5.0 * p.m), 1e-3).rate[-1] * p.m


@pytest.mark.parametrize("h", ["cubic", "quadratic", "weak", (0, 0.6, 0.3, 0.2),
                               (0, 0.5, 0, 0, 0.5)], ids=str)
def test_wide_networks_tend_to_the_rate(h):
    """Extrapolated by a parabola in m^(-1/4), which seven h hit within 0.5 %."""
    p = CUBIC.replace(h=h)
    rates = [measured(p.replace(m=m)) for m in WIDTHS]
    limit = np.polyfit(np.power(WIDTHS, -0.25), rates, 2)[-1]
    assert limit == pytest.approx(plateau_rate(p) * p.m, rel=1e-2)


@pytest.mark.parametrize("changes", [{"alpha": 0.15}, {"alpha": 0.6}, {"tau": 0.6}], ids=str)
def test_the_rate_goes_with_the_noise_squared_and_not_with_alpha(changes):
    """At one width: the correction goes with √δ ∝ (τ²/α)^(1/8), 5 % apart here."""
    p, other = CUBIC.replace(m=65536), CUBIC.replace(m=65536, **changes)
    assert measured(other) / measured(p) == pytest.approx(plateau_rate(other) / plateau_rate(p),
                                                          rel=0.08)


def test_there_is_no_rate_without_the_plateau():
    with pytest.raises(LimitError):
        plateau_rate(CUBIC.replace(target="noise"))
