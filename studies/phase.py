"""The interpolation threshold γ*(α, 0, 1) of pure noise against α, for the picture of the regimes.

    python -m studies.phase [--out studies/results/phase.csv]

It depends on h̃(z) = h(z) − h'(0)z alone: cubic h has z³/6, quadratic and weak h have z²/2.  One row
for each h̃ and α: γ*, its error and the bracket without a fit.  Some minutes of one core.
"""

import argparse
from pathlib import Path

import pandas as pd

from engine import Parameters
from engine.limits import gamma_threshold
from studies.store import RESULTS, store

ALPHAS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7)
RTOL = {"cubic": 1e-2, "quadratic": 3e-3}
"""Of the search, by the activation."""


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=RESULTS / "phase.csv")
    args = parser.parse_args()
    rows = []
    for h, rtol in RTOL.items():
        for alpha in ALPHAS:
            found = gamma_threshold(Parameters(init="lazy", target="noise", h=h, alpha=alpha,
                                               tau=1.0), rtol=rtol)
            rows.append((h, alpha, found.value, found.error, found.low, found.high))
            print(*rows[-1], flush=True)
    store(pd.DataFrame(rows, columns=["h", "alpha", "gamma_star", "error", "low", "high"]),
          args.out, "python -m studies.phase", rtol=RTOL)


if __name__ == "__main__":
    main()
