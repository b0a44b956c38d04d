"""What to simulate: dimension, seeds, algorithm; bounds on memory and work.

The physics (α, τ, m, h, …) stays in `engine.Parameters`; these fields say how a finite
network is run beside it.
"""

import math
from dataclasses import dataclass
from numbers import Integral, Real

from engine.parameters import ParameterError, Parameters

ALGORITHMS = {
    "gd": "full-batch gradient descent of a real network",
    "sgd": "the paper's stochastic gradient descent of a real network: batches of 100, η = 0.1",
    "gaussian": "full-batch gradient descent on the Gaussian model",
}
MAX_BYTES = 1_500_000_000
"""Memory for the data of one network."""
MAX_DEGREE_OF_TENSORS = 4
HELD_OUT = 2000
MAX_STEPS = 1_000_000
BATCH = 100
"""Samples of a mini-batch in the paper's simulations (appendix I)."""
LEARNING_RATE = 0.1
"""Their step in (a, W) along −∇R̂_S, R̂_S = Σ_{i∈S} (y_i − f(x_i))²/(2|S|): PyTorch's lr."""


@dataclass(frozen=True)
class NetworkSettings:
    """How finite networks are run beside the theory.

    d          input dimension, 10 to 2000; samples n = round(αmd)
    seeds      networks to train, 1 to 100
    algorithm  a key of ALGORITHMS
    batch      samples a step of SGD uses; None (the paper's 100, at most n) or 1 to n
    step       learning rate in units of the time t.  None: as large as stays stable and
               follows the flow, adapted all along (SGD: the paper's 0.1/(αm), see `sgd_step`)
    held_out   fresh samples for the second estimate of the test error; none for "gaussian",
               where each would cost as much memory as a training sample
    first_seed the first of the consecutive seeds
    max_steps  steps of one network after which it stops with status NODE_LIMIT

    Raises ParameterError.
    """

    d: int = 200
    seeds: int = 10
    algorithm: str = "gd"
    batch: int | None = None
    step: float | None = None
    held_out: int = HELD_OUT
    first_seed: int = 0
    max_steps: int = MAX_STEPS

    def __post_init__(self):
        put = lambda name, value: object.__setattr__(self, name, value)  # noqa: E731
        if not isinstance(self.algorithm, str) or self.algorithm not in ALGORITHMS:
            raise ParameterError("algorithm", "must be one of " + ", ".join(ALGORITHMS),
                                 self.algorithm, "Try gd.")
        for name, low, high, fix in _WHOLE:
            put(name, _whole(name, getattr(self, name), low, high, fix))
        if self.batch is not None:
            if self.algorithm != "sgd":
                raise ParameterError("batch", f"is not used with algorithm = {self.algorithm}",
                                     self.batch, "Leave it out, or set algorithm to sgd.")
            put("batch", _whole("batch", self.batch, 1, 10**9, 100))
        if self.step is not None:
            ok = (isinstance(self.step, Real) and not isinstance(self.step, bool)
                  and math.isfinite(self.step) and 1e-9 <= self.step <= 1e3)
            if not ok:
                raise ParameterError("step", "must be a number from 1e-9 to 1000", self.step,
                                     "Leave it out to have it chosen.")
            put("step", float(self.step))

    def samples(self, p: Parameters) -> int:
        """n = αmd, rounded, at least 1."""
        return max(1, round(p.alpha * p.m * self.d))

    def batch_size(self, p: Parameters) -> int:
        """Samples that one step uses."""
        n = self.samples(p)
        if self.algorithm != "sgd":
            return n
        return min(n, self.batch or BATCH)

    def sgd_step(self, p: Parameters) -> float:
        """Time t that one step of SGD takes: `step`, or the paper's η d/n = η/(αm), η = 0.1."""
        return self.step or LEARNING_RATE * self.d / self.samples(p)

    def features(self, p: Parameters) -> int:
        """Columns D of the design matrix: d, or the monomials of the Gaussian model."""
        if self.algorithm != "gaussian":
            return self.d
        return sum(math.comb(self.d + k - 1, k) for k in degrees(p))

    def bytes_per_network(self, p: Parameters) -> int:
        """Memory of one network's data and buffers (float32)."""
        n, D = self.samples(p), self.features(p)
        index = 0 if self.algorithm != "gaussian" else 4 * D
        return 4 * (n * D + 3 * n * p.m + self.held_out * D * (self.algorithm != "gaussian")
                    + 3 * p.m * D + index)


_WHOLE = (("d", 10, 2000, 200), ("seeds", 1, 100, 10), ("held_out", 1, 100_000, HELD_OUT),
          ("first_seed", 0, 2**31 - 1, 0), ("max_steps", 1, 10**8, MAX_STEPS))


def degrees(p: Parameters) -> list[int]:
    """The degrees k with a tensor J^(k) of the Gaussian model: s_k or f_k is not zero."""
    s, f = activation_coefficients(p), target_coefficients(p)
    return [k for k in range(1, max(len(s), len(f))) if any(s[k:k + 1]) or any(f[k:k + 1])]


def activation_coefficients(p: Parameters) -> tuple[float, ...]:
    """The Hermite coefficients s_k = √h_k of σ."""
    return tuple(math.sqrt(c) for c in p.h)


def target_coefficients(p: Parameters) -> tuple[float, ...]:
    """The Hermite coefficients f_k of φ."""
    if p.target == "noise":
        return (0.0,)
    return activation_coefficients(p) if p.phi is None else p.phi


def check(p: Parameters, settings: NetworkSettings, most_bytes: float = MAX_BYTES) -> None:
    """Refuse what does not fit into `most_bytes` of memory.  Raises ParameterError."""
    if settings.algorithm == "gaussian" and degrees(p)[-1] > MAX_DEGREE_OF_TENSORS:
        raise ParameterError(
            "algorithm", f"gaussian needs h and φ of degree at most {MAX_DEGREE_OF_TENSORS}",
            settings.algorithm, "Try gd, or an h of lower degree.")
    if settings.batch is not None and settings.batch > settings.samples(p):
        raise ParameterError("batch", f"must be at most n = {settings.samples(p)}",
                             settings.batch, "Leave it out for the paper's 100.")
    size = settings.bytes_per_network(p)
    if size > most_bytes:
        raise ParameterError(
            "d", f"needs {size / 1e9:.1f} GB for the data of one network with m = {p.m},"
            f" α = {p.alpha:g}, and may take {most_bytes / 1e9:.1f} GB", settings.d,
            "Take a smaller d, m or α.")


def _whole(name: str, value, low: int, high: int, fix: int) -> int:
    ok = (isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value)
          and (isinstance(value, Integral) or float(value) == int(value))
          and low <= value <= high)
    if not ok:
        raise ParameterError(name, f"must be a whole number from {low} to {high}", value,
                             f"Try {fix}.")
    return int(value)
