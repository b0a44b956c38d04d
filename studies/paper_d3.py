"""The paper's two tests (D.3, Figures 6 and 7): the general DMFT against the Gaussian model.

    python -m studies.paper_d3 [--seeds 1000] [--out studies/results/paper_d3.csv]

Pure noise, τ = 1, h = z/10 + z²/2, m = 4, n/d = 1.5, second layers of both signs:
1. a(0) = (1, 1, −1, −1) with w_1 = w_3 and w_2 = w_4, so that f = 0 at the start (D.12–D.14);
2. a(0) = (−1, −1/2, 1/3, 2/3) with independent w_i (D.15, D.16).
The table has one row per test, d, time and quantity: mean over seeds, its standard error, and
the Euler solution of C.7–C.21 extrapolated to zero step.  Some minutes of one core.
"""

import argparse
import os
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pandas as pd

from engine import Parameters
from engine.dmft.reference.general import solve_general
from engine.network import NetworkSettings
from engine.network.model import Network
from engine.network.training import train
from studies.store import RESULTS, store

QUANTITIES = ("a_1", "a_2", "a_3", "a_4", "train_error")
STEP = 0.05
"""Gradient descent's learning rate; halving it moves a_i by less than 0.002, e_tr by 0.0004."""
STEPS = (100, 200, 400)
"""Of the Euler solutions that are extrapolated."""


@dataclass(frozen=True)
class Case:
    """One of the paper's two tests: start, and the times at which it is compared."""

    a0: tuple[float, ...]
    direction: tuple[int, ...]
    times: tuple[float, ...]

    @property
    def parameters(self) -> Parameters:
        return Parameters(m=4, alpha=1.5 / 4, tau=1.0, h=(0, 0.1, 0.5), target="noise",
                          t_max=self.times[-1])

    @property
    def overlaps(self) -> np.ndarray:
        """C_ij(0,0): 1 where two neurons share their direction."""
        direction = np.array(self.direction)
        return (direction[:, None] == direction).astype(float)


CASES = {1: Case((1, 1, -1, -1), (0, 1, 0, 1), (1.0, 2.0, 5.0, 10.0)),
         2: Case((-1, -1 / 2, 1 / 3, 2 / 3), (0, 1, 2, 3), (2.0, 4.0, 10.0, 40.0))}


def theory(case: Case) -> np.ndarray:
    """QUANTITIES at the case's times, (times, 5); extrapolated at second order in the step."""
    runs = []
    for steps in STEPS:
        run = solve_general(case.parameters, steps, case.a0, None, case.overlaps)
        nodes = np.rint(np.array(case.times) / run.t[-1] * steps).astype(int)
        runs.append(np.column_stack([run.a, run.train_error])[nodes])
    first = 2 * np.array(runs[1:]) - np.array(runs[:-1])
    return (4 * first[1] - first[0]) / 3


def descent(case: Case, d: int, seed: int, step: float = STEP) -> np.ndarray:
    """QUANTITIES of one Gaussian model at the case's times, (times, 5)."""
    settings = NetworkSettings(d=d, seeds=1, algorithm="gaussian", step=step)
    network = Network(case.parameters, settings, seed)
    network.a = np.array(case.a0, dtype=float)
    network.W = network.W[list(case.direction)]
    return np.array([(*network.a, state.error)
                     for state in train(network, np.array(case.times))])


def compare(d: int, number: int, seeds: int) -> pd.DataFrame:
    """Rows case, d, seeds, t, quantity, mean, error, theory of one case and dimension."""
    case = CASES[number]
    runs = np.array([descent(case, d, seed) for seed in range(seeds)])
    mean, error = runs.mean(0), runs.std(0, ddof=1) / np.sqrt(seeds)
    expected = theory(case)
    return pd.DataFrame([
        (number, d, seeds, t, name, mean[i, j], error[i, j], expected[i, j])
        for i, t in enumerate(case.times) for j, name in enumerate(QUANTITIES)],
        columns=["case", "d", "seeds", "t", "quantity", "mean", "error", "theory"])


def distance(rows: pd.DataFrame) -> tuple[float, float]:
    """Root mean square of (mean − theory)/scale, and what scatter between seeds alone gives.

    The scale of a_i is √(mean of a_j²) of the theory at that time, that of e_tr is τ²/2.
    """
    noise = rows["quantity"] == "train_error"
    size = (rows["theory"].where(~noise) ** 2).groupby(rows["t"]).transform("mean") ** 0.5
    scale = size.where(~noise, 0.5)
    square = lambda x: float(np.sqrt(np.mean((x / scale) ** 2)))  # noqa: E731
    return square(rows["mean"] - rows["theory"]), square(rows["error"])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=1000)
    parser.add_argument("--d", type=int, nargs="+", default=[15, 30, 60, 100])
    parser.add_argument("--out", type=Path, default=RESULTS / "paper_d3.csv")
    args = parser.parse_args()
    parts = []
    for number in CASES:
        for d in args.d:
            parts.append(compare(d, number, args.seeds))
            value, scatter = distance(parts[-1])
            print(f"case {number}, d = {d}: distance {value:.4f}, scatter of seeds {scatter:.4f}",
                  flush=True)
    table = pd.concat(parts, ignore_index=True)
    store(table, args.out, f"python -m studies.paper_d3 --seeds {args.seeds} --d "
          + " ".join(map(str, args.d)), step=STEP, euler_steps=STEPS)
    print(table[table["t"].isin([c.times[-1] for c in CASES.values()])].to_string(index=False))


if __name__ == "__main__":
    main()
