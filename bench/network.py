"""Finite networks: cost of a step beside its two matrix products, and beside PyTorch.

    python -m bench.network            speed; PyTorch comes with: pip install '.[bench]'
    python -m bench.network --map      when networks leave the theory, by activation, m and d,
                                       written to pages/networks/network_map.csv (about 15 minutes)

One process and one thread for all that is timed.
"""

import math
import os
import time
from datetime import date
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import click
import numpy as np
import pandas as pd

from engine import PRESETS, ParameterError, Parameters, solve
from engine.network import NetworkSettings, estimate, simulate
from engine.network.finite_size import departure, distance
from engine.network.model import Network

MAP = Path(__file__).parent.parent / "pages" / "networks" / "network_map.csv"
WIDTHS, DIMENSIONS, HORIZON, SEEDS = (8, 16, 32, 64), (50, 100, 200), 20, 10
SECONDS = 150.0
"""Cells of the map that would take longer are left out."""


def best(function, repeat: int = 30) -> float:
    """Seconds of the fastest of `repeat` calls, after one to warm up."""
    function()
    times = []
    for _ in range(repeat):
        begin = time.perf_counter()
        function()
        times.append(time.perf_counter() - begin)
    return min(times)


def steps() -> None:
    """One full step, gradient and move, against its two matrix products and against PyTorch."""
    for m, d in ((16, 200), (64, 200), (32, 400)):
        p = Parameters(m=m, alpha=0.3, tau=0.3)
        network = Network(p, NetworkSettings(d=d), 0)
        psi = network.features(network.W)
        Z = network.X @ psi

        def step(network=network):
            _, g_a, g_W = network.gradient()
            network.move(1e-6, g_a, g_W)

        def products(network=network, psi=psi, Z=Z):
            np.matmul(network.X, psi, out=Z)
            Z.T @ network.X

        own, floor = best(step), best(products)
        print(f"m = {m}, d = {d}, n = {network.n}: step {1e3 * own:.3f} ms, its two products"
              f" {1e3 * floor:.3f} ms, ratio {own / floor:.2f}; PyTorch"
              f" {torch_step(network, own)}")


def torch_step(network: Network, own: float) -> str:
    """The same step written with autograd and an optimizer, as one would in PyTorch."""
    try:
        import torch
    except ImportError:
        return "not installed: pip install '.[bench]'"
    torch.set_num_threads(1)
    p, d, n = network.p, network.settings.d, network.n
    X = torch.from_numpy(network.X)
    y = torch.from_numpy(network.y.astype(np.float32))
    a = torch.from_numpy(network.a.astype(np.float32)).requires_grad_()
    W = torch.from_numpy(network.W.astype(np.float32)).requires_grad_()
    coefficients = [float(c) for c in network.sigma]
    optimizer = torch.optim.SGD([a, W], lr=1e-6 * n / d)

    def step():
        optimizer.zero_grad()
        Z = X @ W.T
        S = torch.full_like(Z, coefficients[-1])
        for c in coefficients[-2::-1]:
            S = S * Z + c
        (torch.mean((S @ a / p.m - y) ** 2) / 2).backward()
        optimizer.step()
        with torch.no_grad():
            W.div_(W.norm(dim=1, keepdim=True))

    seconds = best(step)
    return f"{torch.__version__} (CPU, float32) {1e3 * seconds:.3f} ms, {seconds / own:.1f} times"


def goal() -> None:
    """The run that must stay under a minute: m = 16, d = 200, α = 0.3, t = 10 m, 10 seeds."""
    p, settings = Parameters(m=16, alpha=0.3, t_max=160.0), NetworkSettings(d=200, seeds=10)
    promised = estimate(p, settings)
    runs = simulate(p, settings)
    print(f"m = 16, d = 200, α = 0.3, t = 10 m, 10 seeds: {runs.seconds:.1f} s,"
          f" {runs.work} steps (estimate: {promised.low:.1f} to {promised.high:.1f} s,"
          f" {promised.steps * settings.seeds} steps)")


def cell(activation: str, m: int, d: int, algorithm: str) -> dict | None:
    """One entry of the map; None when it would take too long or too much memory."""
    p = Parameters(m=m, alpha=0.3, tau=0.3, h=activation, t_max=float(HORIZON * m))
    settings = NetworkSettings(d=d, seeds=SEEDS, algorithm=algorithm)
    try:
        if estimate(p, settings).seconds > SECONDS:
            return None
    except ParameterError:
        return None
    theory = solve(p, rtol=3e-3)
    runs = simulate(p, settings)
    value, error = distance(runs, theory, low=1e-3 * p.t_max)
    return {"activation": activation, "m": m,
            "model": "real" if algorithm == "gd" else "Gaussian", "d": d, "seeds": SEEDS,
            "t_max_per_m": HORIZON, "departure_per_m": departure(runs, theory) / m,
            "distance": value, "distance_sd": error, "seconds": round(runs.seconds, 1),
            "complete": runs.complete, "date": date.today().isoformat()}


def write_map(out: Path) -> None:
    """Every cell that fits, printed and written as it comes."""
    rows = []
    for activation in PRESETS:
        for m in WIDTHS:
            for algorithm, sizes in (("gd", DIMENSIONS), ("gaussian", (20, 50, 100))):
                for d in sizes:
                    row = cell(activation, m, d, algorithm)
                    if row is None:
                        continue
                    rows.append(row)
                    left = row["departure_per_m"]
                    print(f"{activation:9} m = {m:3} {row['model']:8} d = {d:3}: leaves at "
                          f"{'-' if math.isinf(left) else f'{left:.3g} m':7} distance"
                          f" {row['distance']:.3f} ± {row['distance_sd']:.3f}"
                          f" ({row['seconds']} s)", flush=True)
                    pd.DataFrame(rows).to_csv(out, index=False)


@click.command(help=__doc__.splitlines()[0])
@click.option("--map", "whole_map", is_flag=True, help="Measure the map and write it.")
@click.option("--out", type=click.Path(path_type=Path), default=MAP)
def main(whole_map: bool, out: Path) -> None:
    if whole_map:
        write_map(out)
    else:
        steps()
        goal()


if __name__ == "__main__":
    main()
