"""Networks on handwritten digits, where nothing is Gaussian.

The 1797 images of 8 × 8 pixels that scikit-learn ships (`LICENCE.md` has their source).  Inputs
are the first D principal components, whitened by N images, of which n = αmD are trained on; the
label is +1 for even and −1 for odd digits, and a share ρ of the training labels is flipped.  Then

    E(y|x) = ±(1 − 2ρ),   Var(y|x) = 4ρ(1 − ρ) = τ²

so that `Parameters.tau` says ρ.  What is trained is the network of the theory, by the same descent
and on the same time axis; `matched` is the theory's setting beside it.
"""

import math
from functools import cache
from importlib import resources

import numpy as np
import pandas as pd

from engine.activations import FUNCTIONS
from engine.fields import ParameterError
from engine.monitor import Monitor
from engine.network.activation import activation
from engine.network.features import Coordinates
from engine.network.model import Student, start
from engine.network.runs import observation_times
from engine.network.settings import NetworkSettings
from engine.network.training import train
from engine.parameters import Parameters
from engine.results.keyfigures import first_time
from engine.results.status import Status

N = 1200
"""Images that may be trained on; the rest measures the test error."""
D = 10
"""Principal components, 74 % of the variance: few, so that n/D = αm is large for wide networks."""
ACTIVATION = "tanh"
"""In place of a polynomial, which outliers of whitened pixels would make large."""
COLUMNS = ("seed", "t", "train_error", "test_error", "gamma", "displacement")


def flipped(tau: float) -> float:
    """ρ < 1/2 with 4ρ(1 − ρ) = τ².  Raises ParameterError for τ ≥ 1."""
    if not tau < 1:
        raise ParameterError("tau", "must be below 1 for labels ±1, whose variance is 1", tau,
                             "Try 0.6, a tenth of the labels flipped.")
    return (1 - math.sqrt(1 - tau**2)) / 2


def matched(p: Parameters) -> Parameters:
    """The theory's setting beside the digits: a target of the labels' strength 1 − 2ρ, linear in
    one direction, for which nothing is fitted, and α so that n ≤ N.

    Keeps init, scale, m, τ, weight decay, t_max and a smooth activation; neurons are alike at the
    start.
    """
    changes = {} if p.activation and FUNCTIONS[p.activation].curvature else \
        {"activation": ACTIVATION}
    return p.alike.replace(alpha=min(p.alpha, N / (p.m * D)), target="single-index",
                           phi=(0.0, 1 - 2 * flipped(p.tau)), **changes)


@cache
def images() -> tuple[np.ndarray, np.ndarray]:
    """Pixels (1797, 64) from 0 to 16, and the digits (1797,)."""
    with resources.as_file(resources.files(__name__) / "digits.csv.gz") as path:
        table = pd.read_csv(path, header=None).to_numpy(dtype=float)
    return table[:, :-1], table[:, -1].astype(int)


class Digits(Student):
    """A network of `matched` parameters; the seed splits, flips and starts."""

    def __init__(self, p: Parameters, seed: int, max_steps: int = 1_000_000):
        rng = np.random.default_rng(seed)
        pixels, digit = images()
        order = rng.permutation(len(digit))
        seen, tested = order[:N], order[N:]
        mean = pixels[seen].mean(axis=0)
        _, size, directions = np.linalg.svd(pixels[seen] - mean, full_matrices=False)
        whiten = directions[:D].T * (math.sqrt(N) / size[:D])
        X = ((pixels - mean) @ whiten).astype(np.float32)
        label = np.where(digit % 2 == 0, 1.0, -1.0)
        settings = NetworkSettings(d=D, seeds=1, max_steps=max_steps)
        trained = seen[:settings.samples(p)]
        self.kept = 1 - 2 * flipped(p.tau)
        flip = np.where(rng.random(N) < flipped(p.tau), -1.0, 1.0)
        y = label[trained] * flip[:len(trained)]
        self.X_new, self.label_new = X[tested], label[tested]
        super().__init__(p, settings, rng, start(p, D, rng, np.eye(D, 1)), (X[trained], y),
                         activation(p), Coordinates(D))

    def test_error(self) -> float:
        """½ E(y − f)² over the images left out and over the flips of their labels."""
        f = self.sigma(self.X_new @ self.W.T.astype(np.float32)) @ self.a / self.p.m
        return float(np.mean(1 - 2 * self.kept * self.label_new * f + f**2) / 2)


def learn(p: Parameters, seeds: int, *, times: np.ndarray | None = None,
          max_steps: int = 1_000_000, monitor: Monitor = Monitor()) -> pd.DataFrame:
    """Columns COLUMNS, a row for each seed and time: networks of `matched` parameters trained on
    digits one after the other, errors in units of label².

    displacement  root mean square of ‖w(t) − w(0)‖;  gamma  mean of a over √m
    The table so far is published; cancelled, it is returned.
    Cost: per step 4 n D m flops and n m values of the activation with its slope.
    """
    times = observation_times(p) if times is None else times
    rows: list[tuple[float, ...]] = []
    for seed in range(seeds):
        network, part = Digits(p, seed, max_steps), monitor.part(seed, seeds)
        rows.append(_observe(network, seed, 0.0))
        for at, state in zip(times, train(network, times, monitor), strict=False):
            if state.status is Status.INTERPOLATED:
                # Nothing more happens: the last values hold to the end.
                rows += [_observe(network, seed, t) for t in times[times >= at]]
            elif state.t == at:
                rows.append(_observe(network, seed, at))
            part.progress(at / times[-1])
            monitor.publish(_table(rows))
        if monitor.cancel():
            break
    return _table(rows)


def _table(rows: list[tuple[float, ...]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=COLUMNS).astype({"seed": int})


def _observe(network: Digits, seed: int, t: float) -> tuple[float, ...]:
    moved = np.sum((network.W - network.W_start) ** 2, axis=1)
    return (seed, t, network.gradient()[0], network.test_error(),
            float(network.a.mean()) / math.sqrt(network.p.m), math.sqrt(moved.mean()))


def overfitting_time(t: np.ndarray, train_error: np.ndarray, p: Parameters) -> float:
    """First t with e_tr < τ²/4, half of what the flipped labels leave to one who knows the rest;
    NaN if that does not happen.  Between two times as `first_time` has it."""
    return first_time(t, p.tau**2 / 4 - train_error) or math.nan


def learning_time(t: np.ndarray, test_error: np.ndarray) -> float:
    """First t at which the test error has made half of its way down to its least value."""
    return first_time(t, (test_error[0] + test_error.min()) / 2 - test_error) or math.nan
