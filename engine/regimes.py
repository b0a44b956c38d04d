"""The dynamical regimes of a run: which time scales separate, and where they meet.

Each regime lives on one power of the width, t = Θ(m^p) (Table 1 and section 2 of the paper);
neighbours meet at the geometric mean of their scales.  A scale is m^p, but 1/(αγ₀²h'(0)m) for
the first lazy regime, whose rate is known (F.50–F.59) and can be far from 1/m.
"""

import math
from dataclasses import dataclass
from itertools import pairwise

from engine.parameters import Parameters


@dataclass(frozen=True)
class Regime:
    """One time scale of a run: t = Θ(m^power), drawn from `low` to `high` (high may be inf)."""

    key: str
    name: str
    power: float
    low: float
    high: float

    @property
    def scale(self) -> str:
        return {-1.0: "t = Θ(1/m)", 0.0: "t = Θ(1)", 0.5: "t = Θ(√m)", 1.0: "t = Θ(m)"}[self.power]


_LAZY = (("lazy-1", "Linear learning", -1.0), ("lazy-2", "Fitting the noise", 0.0),
         ("lazy-3", "Overfitting", 1.0))
_LAZY_NOISE = (("lazy-1", "Mean relaxes", -1.0), *_LAZY[1:])
_MEAN_FIELD = (("mean-field-1", "Feature learning", 0.0),
               ("mean-field-2", "Overfitting and unlearning", 1.0))
_NOISE = (("noise-1", "Mean relaxes", 0.0), ("noise-sqrt-m", "Glassy drift", 0.5),
          ("noise-m", "Overfitting", 1.0))


def regimes(p: Parameters) -> tuple[Regime, ...]:
    """The regimes of `p` in the order of time."""
    noise = p.target == "noise"
    if p.init == "lazy":
        rows = _LAZY_NOISE if noise else _LAZY
    else:
        rows = _NOISE if noise else _MEAN_FIELD
    scales = [p.m**power for _, _, power in rows]
    if p.init == "lazy" and p.covariance.dh_0 > 0:
        # No later than what keeps the next regime, which ends at √m, in sight.
        scales[0] = min(1 / (p.alpha * p.gamma0**2 * p.covariance.dh_0 * p.m), p.m / 4)
    meetings = [math.sqrt(a * b) for a, b in pairwise(scales)]
    edges = [0.0, *meetings, math.inf]
    return tuple(Regime(*row, low, high)
                 for row, (low, high) in zip(rows, pairwise(edges), strict=True))
