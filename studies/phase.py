"""The interpolation threshold γ*(α, 0, 1) of pure noise against α, for the pictures of the phases.

    python -m studies.phase [--out studies/results] [--cells phase.sqlite]

It depends on h̃(z) = h(z) − h'(0)z alone: cubic h has z³/6, quadratic and weak h have z²/2, erf and
tanh, not divided by their standard deviations, have what their Hermite series say.  With τ' in
place of 1 it is τ'γ*, and read the other way round it is α*(γ₀/τ').

One row for each activation and α: γ* with its error, the bracket without a fit, the exponent ν of
t_rel ∝ (γ − γ*)^(−ν) with its error, and bound, √(α/h̃'(1)), below which no weights whatever
interpolate (`docs/interpolation.md`).  phase_times.csv has, for some α, the t_rel of the runs at
each distance (γ − γ*)/γ*.  Some five minutes of one core; cells are kept as they finish.
"""

import argparse
import math
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd

from engine import Parameters
from engine.limits.threshold import Family, model_at, variance
from engine.monitor import Monitor
from engine.sweep import cell, results_version, sweep
from studies.store import RESULTS, store

ALPHAS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7)
ACTIVATIONS: dict[str, tuple[dict[str, Any], float, float]] = {
    "cubic": ({"h": "cubic"}, 1e-2, 0.7),
    "quadratic": ({"h": "quadratic"}, 3e-3, 0.7),
    "erf": ({"activation": "erf"}, 1e-2, 0.5),
    "tanh": ({"activation": "tanh"}, 1e-2, 0.5),
}
"""By name: what says it, rtol of the search, and the largest α, beyond which erf and tanh take
minutes each."""


TIMES = (0.1, 0.3)
"""α of the relaxation times."""


def settings(activation: str, alpha: float) -> dict[str, Any]:
    """Of one cell, as `engine.sweep.cell` takes them."""
    said, rtol, _ = ACTIVATIONS[activation]
    return {**said, "target": "noise", "alpha": alpha, "tau": 1.0, "rtol": rtol}


def bound(activation: str, alpha: float) -> float:
    """√(α/h̃'(1))."""
    known = Parameters(target="noise", **ACTIVATIONS[activation][0]).covariance
    return math.sqrt(alpha / known.nonlinear.dh_1)


def compute(kept: str, monitor: Monitor = Monitor()) -> pd.DataFrame:
    """The table; cells are kept in the file `kept`."""
    places = [(name, alpha) for name, (_, _, most) in ACTIVATIONS.items()
              for alpha in ALPHAS if alpha <= most]
    found = sweep([cell("threshold", **settings(*place)) for place in places], kept,
                  monitor=monitor).outcomes
    rows = []
    for (name, alpha), outcome in zip(places, found, strict=True):
        if outcome.message:
            raise RuntimeError(f"{name} at alpha = {alpha}: {outcome.message}")
        of = outcome.figures
        rows.append({"activation": name, "alpha": alpha, "gamma_star": of["threshold"],
                     "error": of["threshold_error"], "low": of["bracket_low"],
                     "high": of["bracket_high"], "nu": of["nu"], "nu_error": of["nu_error"],
                     "bound": bound(name, alpha), "seconds": outcome.seconds})
    return pd.DataFrame(rows)


def relaxation(table: pd.DataFrame) -> pd.DataFrame:
    """t_rel on the search's own distances from the γ* of `table`, at the α of TIMES."""
    rows = []
    for found in table[table["alpha"].isin(TIMES)].itertuples():
        asked = settings(found.activation, found.alpha)
        rtol = asked.pop("rtol")
        p = Parameters(**asked)
        model = model_at(p, math.inf)
        family = Family(lambda gamma, model=model: (model, gamma), variance(p), rtol, 1, Monitor())
        gamma, times = family.window(found.gamma_star)
        rows += [{"activation": found.activation, "alpha": found.alpha, "t_rel": time,
                  "distance": one / found.gamma_star - 1}
                 for one, time in zip(gamma, times, strict=True)]
    return pd.DataFrame(rows)


def markdown(table: pd.DataFrame, written: Callable[[pd.Series], str]) -> str:
    """What `written` makes of each row, α down and activations across, for a document."""
    names = list(ACTIVATIONS)
    lines = ["| α | " + " | ".join(names) + " |", "|---" * (len(names) + 1) + "|"]
    for alpha, rows in table.groupby("alpha"):
        cells = rows.set_index("activation").apply(written, axis=1)
        lines.append(f"| {alpha:g} | " + " | ".join(cells.get(name, "") for name in names) + " |")
    return "\n".join(lines)


def ratio(row: pd.Series) -> str:
    """γ* over its bound."""
    return f"{row['gamma_star'] / row['bound']:.3f}"


def exponent(row: pd.Series) -> str:
    """ν with its error."""
    return f"{row['nu']:.2f} ± {row['nu_error']:.2f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, default=RESULTS, help="folder of the tables")
    parser.add_argument("--cells", default="phase.sqlite", help="file of finished cells")
    given = parser.parse_args()
    table = compute(given.cells, Monitor(progress=partial(print, flush=True)))
    rtol = {name: rtol for name, (_, rtol, _) in ACTIVATIONS.items()}
    for name, found in (("phase", table), ("phase_times", relaxation(table))):
        store(found, given.out / f"{name}.csv", "python -m studies.phase", rtol=rtol,
              engine=results_version())
    print(markdown(table, ratio), markdown(table, exponent), sep="\n\n")


if __name__ == "__main__":
    main()
