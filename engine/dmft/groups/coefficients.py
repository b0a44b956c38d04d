"""The numbers that the equations of p groups need, as the kernels take them, and the start."""

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from engine.bundles import bundle
from engine.dmft.symmetric.coefficients import Model, finite_width
from engine.parameters import Parameters


@bundle
class Groups(NamedTuple):
    """Coefficients of the equations in the variables γ_g = a_g/√m and v_g.

    size is m_g, root √m_g and share m_g/m, all of shape (p,); the rest as in
    `symmetric.coefficients.Model`.
    """

    alpha: float
    width: float
    label_variance: float
    size: np.ndarray
    root: np.ndarray
    share: np.ndarray
    h: np.ndarray
    dh: np.ndarray
    ddh: np.ndarray
    phi_hat: np.ndarray
    dphi_hat: np.ndarray
    terms: np.ndarray
    dterms: np.ndarray
    trains_gamma: bool
    decay: float


@dataclass(frozen=True, eq=False)
class Start:
    """Row 0: sizes m_g and γ_g(0) of shape (p,), v_g(0) (p, k) and overlaps (p, p).

    overlaps[g, l] is C_gl(0,0) between two different neurons of groups g and l; its diagonal
    does not matter for a group of one neuron.
    """

    size: np.ndarray
    gamma: np.ndarray
    v: np.ndarray
    overlaps: np.ndarray


def model(p: Parameters, size: np.ndarray) -> Groups:
    """The model of `p` for groups of these sizes, which sum to p.m."""
    one: Model = finite_width(p)
    size = np.array(size, dtype=float)
    return Groups(one.alpha, float(p.m), one.label_variance, size, np.sqrt(size), size / p.m,
                  one.h, one.dh, one.ddh, one.phi_hat, one.dphi_hat, one.terms, one.dterms,
                  one.trains_gamma, one.decay)


def independent(size, a, v, m: int) -> Start:
    """A start with weights that agree in nothing but v: C_gl(0,0) = ⟨v_g, v_l⟩.

    v is (p,), or (p, k) of several directions.
    """
    size, v = np.asarray(size, dtype=float), np.asarray(v, dtype=float).reshape(len(size), -1)
    return Start(size, np.asarray(a, dtype=float) / math.sqrt(m), v, v @ v.T)
