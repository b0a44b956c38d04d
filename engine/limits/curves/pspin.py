"""Gradient flow in the spherical mixed p-spin glass of covariance f(z) = Σ_k f_k z^k.

It is what the SymmDMFT ⊥ sector becomes when the network's output is small beside the noise:
in the units θ where the force has covariance f'(C),

    (∂_θ + μ) C(θ,θ') = ∫_0^θ f''(C) R C ds + ∫_0^θ' f'(C) R ds
    |E|(θ) = ∫_0^θ f'(C) R ds

These are the m = ∞ equations in the limit γ → 0, τ → ∞ at αγ²τ² = 1, and are solved as such.
"""

import functools
import math
from dataclasses import dataclass

import numpy as np

from engine.covariance import Covariance
from engine.dmft.scheme.control import Control
from engine.dmft.scheme.stepping import Stepping, integrate
from engine.dmft.symmetric.coefficients import noise_at_infinite_width
from engine.dmft.symmetric.equations import equations
from engine.limits.extrapolate import power_law_limit
from engine.limits.frame import LimitError
from engine.results.status import Status

SMALL = 1e-7
"""γ of the auxiliary run; what it neglects is of relative order αγ²θ ≪ 1."""
HORIZON = 2e4
"""θ up to which the flow is solved, in units of 1/√(f'(1) + f''(1))."""


@dataclass(frozen=True)
class Descent:
    """Energy |E|, multiplier μ and C(θ,0) on the nodes θ (arrays of one shape); E∞ = |E|(∞)."""

    theta: np.ndarray
    energy: np.ndarray
    mu: np.ndarray
    overlap_with_start: np.ndarray
    final_energy: float


@functools.lru_cache(maxsize=32)
def descend(covariance: Covariance, largest_step: float = 0.05) -> Descent:
    """Solve for f = h̃ from a random start to θ = HORIZON.

    largest_step is the longest step in units of θ; the error is second order in it.
    Raises LimitError when h is linear (the landscape is then flat).
    Cost: about 0.2 s at 0.05, once for each h.
    """
    if covariance.is_linear:
        raise LimitError("h has only a linear term: there is no landscape to descend."
                         " Add a term of order z² or higher.")
    f = covariance.nonlinear
    unit = 1 / math.sqrt(f.dh_1 + f.ddh_1)
    model = noise_at_infinite_width(f, SMALL**-2, alpha=1.0)
    # The solver's error estimate watches γ, v and e_tr, all constant here: bound its steps.
    control = Control(first=1e-2 * unit * largest_step, growth=1.1, largest=largest_step)
    run = Stepping(equations(model, SMALL), HORIZON * unit, 1e-4, control)
    energy = np.array(integrate(
        run, observe=lambda H, n: f.dh(H.C_perp[n, 1:n + 1]) @ H.R_perp[n, 1:n + 1]))
    status = run.status or Status.CANCELLED
    if not status.complete:
        raise LimitError(f"the p-spin flow ended early: {status.value}.")
    o = run.columns()
    return Descent(o["t"], energy, o["nu"], o["Cd0"], power_law_limit(o["t"], energy))

