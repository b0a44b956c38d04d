"""What to simulate: dimension, seeds, algorithm; bounds on memory and work.

The physics (α, τ, m, h, …) stays in `engine.Parameters`; these fields say how a finite
network is run beside it.
"""

import math
from dataclasses import dataclass
from typing import Any

from engine.fields import Field, ParameterError
from engine.parameters import Parameters

ALGORITHMS = {
    "gd": "full-batch gradient descent of a real network",
    "sgd": "the paper's stochastic gradient descent of a real network: batches of 100, η = 0.1",
    "momentum": "that SGD with momentum, which leaves the theory: neurons have inertia",
    "adam": "Adam on the same batches, which leaves the theory: each weight has a rate of its own",
    "gaussian": "full-batch gradient descent on the Gaussian model",
}
MINI_BATCH = ("sgd", "momentum", "adam")
BEYOND = ("momentum", "adam")
"""No discretisation of gradient flow at the steps that they take here."""
MAX_BYTES = 1_500_000_000
"""Memory for the data of one network."""
MAX_DEGREE_OF_TENSORS = 4
BATCH = 100
"""Samples of a mini-batch in the paper's simulations (appendix I)."""
LEARNING_RATE = 0.1
"""Their step in (a, W) along −∇R̂_S, R̂_S = Σ_{i∈S} (y_i − f(x_i))²/(2|S|): PyTorch's lr."""
MOMENTUM = 0.9
RATE = 1e-3
"""Adam's usual step in each weight."""


NETWORK: dict[str, Field] = {
    f.name: f
    for f in (
        Field(
            "d", "d", "Dimension d",
            "Inputs of the network. The theory is d → ∞ with n = αmd samples.",
            "integer", 200, 10, 2000, "log",
        ),
        Field(
            "seeds", "seeds", "Seeds", "Networks with different data and initial weights.",
            "integer", 10, 1, 100, "log", unit="networks",
        ),
        Field(
            "algorithm", "algorithm", "Algorithm",
            "; ".join(f"{name}: {text}" for name, text in ALGORITHMS.items()) + ".",
            "choice", "gd", choices=tuple(ALGORITHMS),
        ),
        Field(
            "batch", "batch", "Batch",
            "SGD, momentum and Adam only: samples that a step uses. Left out: the paper's"
            f" {BATCH}, at most n.",
            "integer", None, 1, 10**9, "log", unit="samples",
        ),
        Field(
            "step", "step", "Step",
            "Learning rate in units of the time t. Left out: as large as stays stable and follows"
            f" the flow, adapted all along; for SGD the paper's {LEARNING_RATE:g}/(αm), with"
            " momentum β that/(1 − β); Adam's steps count as those of SGD.",
            "real", None, 1e-9, 1e3, "log", unit="time",
        ),
        Field(
            "momentum", "β", "Momentum",
            f"Momentum only: share of a move that the next one keeps. Left out: {MOMENTUM:g}.",
            "real", None, 0.0, 0.999,
        ),
        Field(
            "rate", "rate", "Rate of Adam",
            f"Adam only: about how far a step moves each weight. Left out: {RATE:g}.",
            "real", None, 1e-9, 10.0, "log",
        ),
        Field(
            "held_out", "held out", "Held-out samples",
            "Fresh samples for a second estimate of the test error; none for the Gaussian model,"
            " where each would cost as much memory as a training sample.",
            "integer", 2000, 1, 100_000, "log", unit="samples",
        ),
        Field(
            "first_seed", "first seed", "First seed", "Seeds count up from here.",
            "integer", 0, 0, 2**31 - 1,
        ),
        Field(
            "max_steps", "max steps", "Most steps",
            "Gradients after which one network stops, with status NODE_LIMIT.",
            "integer", 1_000_000, 1, 10**8, "log",
        ),
    )
}
"""Every setting of a simulation: symbol, meaning, range and default."""


def _default(name: str) -> Any:
    return NETWORK[name].default


@dataclass(frozen=True)
class NetworkSettings:
    """How finite networks are run beside the theory (see `NETWORK` for meanings and ranges).

    The number of samples is n = round(αmd); batch, step, momentum and rate may be None.
    Raises ParameterError.
    """

    d: int = _default("d")
    seeds: int = _default("seeds")
    algorithm: str = _default("algorithm")
    batch: int | None = None
    step: float | None = None
    momentum: float | None = None
    rate: float | None = None
    held_out: int = _default("held_out")
    first_seed: int = _default("first_seed")
    max_steps: int = _default("max_steps")

    def __post_init__(self) -> None:
        for name, field in NETWORK.items():
            value = getattr(self, name)
            if value is not None or field.default is not None:
                object.__setattr__(self, name, field.check(value))
        for name, users in {"batch": MINI_BATCH, "momentum": ("momentum",),
                            "rate": ("adam",)}.items():
            if getattr(self, name) is not None and self.algorithm not in users:
                raise ParameterError(name, f"is not used with algorithm = {self.algorithm}",
                                     getattr(self, name),
                                     f"Leave it out, or set algorithm to {' or '.join(users)}.")

    @property
    def mini_batches(self) -> bool:
        """Whether a step uses a batch in place of all samples."""
        return self.algorithm in MINI_BATCH

    def samples(self, p: Parameters) -> int:
        """n = αmd, rounded, at least 1."""
        return max(1, round(p.alpha * p.m * self.d))

    def batch_size(self, p: Parameters) -> int:
        """Samples that one step uses."""
        n = self.samples(p)
        if not self.mini_batches:
            return n
        return min(n, self.batch or BATCH)

    def sgd_step(self, p: Parameters) -> float:
        """Time t that one step on a mini-batch takes: `step`, or the paper's η d/n = η/(αm),
        η = 0.1.

        With momentum β it is η d/(n(1 − β)), as a force that stays moves a weight by η/(1 − β) a
        step in the end.  Adam has no such time; its steps count as those of SGD.
        """
        step = LEARNING_RATE * self.d / self.samples(p)
        return self.step or (step / (1 - self.inertia) if self.algorithm == "momentum" else step)

    @property
    def inertia(self) -> float:
        """β of momentum."""
        return MOMENTUM if self.momentum is None else self.momentum

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


def degrees(p: Parameters) -> list[int]:
    """The degrees k with a tensor J^(k) of the Gaussian model: s_k or f_k is not zero."""
    s, f = p.activation_coefficients, p.target_coefficients
    return [k for k in range(1, max(len(s), len(f))) if any(s[k:k + 1]) or any(f[k:k + 1])]


def check(p: Parameters, settings: NetworkSettings, most_bytes: float = MAX_BYTES) -> None:
    """Refuse what does not fit into `most_bytes` of memory.  Raises ParameterError."""
    if settings.algorithm == "gaussian" and degrees(p)[-1] > MAX_DEGREE_OF_TENSORS:
        raise ParameterError(
            "algorithm", f"gaussian needs h and φ of degree at most {MAX_DEGREE_OF_TENSORS}",
            settings.algorithm, "Try gd, or an h of lower degree.")
    if p.overlaps is not None:
        raise ParameterError("overlaps", "is not used with finite networks", p.overlaps,
                             "Leave overlaps out.")
    if settings.batch is not None and settings.batch > settings.samples(p):
        raise ParameterError("batch", f"must be at most n = {settings.samples(p)}",
                             settings.batch, "Leave it out for the paper's 100.")
    size = settings.bytes_per_network(p)
    if size > most_bytes:
        raise ParameterError(
            "d", f"needs {size / 1e9:.1f} GB for the data of one network with m = {p.m},"
            f" α = {p.alpha:g}, and may take {most_bytes / 1e9:.1f} GB", settings.d,
            "Take a smaller d, m or α.")
