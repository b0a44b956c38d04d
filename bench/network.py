"""Finite networks: cost of a step beside its two matrix products, and beside PyTorch.

    python -m bench.network            PyTorch comes with: pip install '.[bench]'

One process and one thread for all that is timed.
"""

import os
import time

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from engine import Parameters
from engine.network import NetworkSettings, estimate, simulate
from engine.network.model import Network


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
    coefficients = [float(c) for c in network.sigma.coefficients]
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


if __name__ == "__main__":
    steps()
    goal()
