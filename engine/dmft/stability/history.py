"""The history of SymmDMFT with the tagged neuron's linear part, and the numbers of both."""

from typing import NamedTuple

import numpy as np
from numpy.polynomial.polynomial import polyder

from engine.bundles import bundle
from engine.dmft.scheme.history import stacks
from engine.dmft.symmetric import coefficients
from engine.parameters import Parameters

LINEAR = 3
"""Scalars of the linear part; they come before those of SymmDMFT."""


@bundle
class Model(NamedTuple):
    """SymmDMFT's coefficients and the derivatives that its linearisation needs on top."""

    symmetric: coefficients.Model
    dddh: np.ndarray
    ddphi_hat: np.ndarray


@bundle
class History(NamedTuple):
    """The scheme's stacks, and views of them by name: matrices (N, N), vectors (N,).

    Names of SymmDMFT's own part are those of `symmetric.history`, whose kernels take it as it is.
    The linear part is per unit of ε; δγ = δa/√m.
    """

    t: np.ndarray
    scalars: np.ndarray
    correlations: np.ndarray
    responses: np.ndarray
    observables: np.ndarray
    transposed: np.ndarray
    delta_gamma: np.ndarray
    delta_v: np.ndarray
    delta_nu: np.ndarray
    gamma: np.ndarray
    v: np.ndarray
    nu: np.ndarray
    C_perp: np.ndarray
    C_conn: np.ndarray
    C_A: np.ndarray
    C_own: np.ndarray  # connected parts, without δv v' and v δv'
    C_in: np.ndarray
    C_out: np.ndarray
    R_perp: np.ndarray
    R_par: np.ndarray
    R_A: np.ndarray
    Sigma_R: np.ndarray
    R_own: np.ndarray
    R_in: np.ndarray
    R_out: np.ndarray
    train_error: np.ndarray
    test_error: np.ndarray
    Co: np.ndarray
    Cd0: np.ndarray


def allocate(nodes: int) -> History:
    """An empty history for up to `nodes` rows."""
    arrays = stacks(nodes, scalars=LINEAR + 3, correlations=6, responses=7, observables=4,
                    transposed=[0, 1, 2, 3, 5, 4])
    *linear, gamma, v, nu = arrays["scalars"]
    scalars = [*linear, gamma, v[None], nu]
    return History(*arrays.values(), *scalars, *arrays["correlations"],
                   *arrays["responses"], *arrays["observables"])


def model(p: Parameters) -> Model:
    """The model of `p`."""
    symmetric = coefficients.finite_width(p)
    return Model(symmetric, np.atleast_1d(polyder(symmetric.ddh)),
                 np.atleast_1d(polyder(symmetric.dphi_hat)))


def rescale(H: History, n: int, factor: float) -> None:
    """Rows 0 … n of the linear part in other units, in place."""
    H.scalars[:LINEAR, :n + 1] *= factor
    H.correlations[3:, :n + 1, :n + 1] *= factor
    H.responses[4:, :n + 1, :n + 1] *= factor
