"""What a sweep holds of the newest row of p groups, beside the history's own rows."""

from typing import NamedTuple

import numpy as np

from engine.bundles import bundle

Shapes = dict[str, tuple[int, ...]]


@bundle
class Column(NamedTuple):
    """The linear problem for the responses at one [n,k], and its solution; see `column`.

    Rows of matrices are padded with zeros to a multiple of four, `linear.multiply`'s unit.
    """

    r_kk: np.ndarray  # (p,), the responses at [k,k]
    P_kk: np.ndarray  # (p, padded)
    rho: np.ndarray  # (2, p): R̂_⊥,g = (rho[0] + A rho[1] − D2 X_gg)/D1
    D1: np.ndarray  # (p,)
    D2: np.ndarray
    rhs: np.ndarray  # (2, p, padded)
    w: np.ndarray  # (p, padded)
    slope: np.ndarray  # (p, padded)
    label: np.ndarray  # (2,)
    r: np.ndarray  # (p,), the solution
    P: np.ndarray  # (p, padded); before, where passes begin
    inverse: np.ndarray  # (p, p), of E
    par_A: np.ndarray  # (p, p), the row's at k
    of_A: np.ndarray  # (p, padded), work space
    known: np.ndarray  # (p, padded)
    new: np.ndarray  # (p, padded)


def allocate_column(groups: int) -> Column:
    padded = -(-groups // 4) * 4
    shapes: Shapes = dict.fromkeys(("r_kk", "D1", "D2", "r"), (groups,))
    shapes |= dict.fromkeys(("inverse", "par_A"), (groups, groups))
    shapes |= {"rho": (2, groups), "label": (2,), "rhs": (2, groups, padded)}
    return Column._make(np.zeros(shapes.get(name, (groups, padded))) for name in Column._fields)


@bundle
class Diagonal(NamedTuple):
    """What decides the row's values at equal times, and x = d0 + ν, which are among them."""

    Q_perp: np.ndarray  # (p,): C_⊥,g[n,n] = Q_⊥,g/(x_g + K̂_⊥,g)²
    Q: np.ndarray  # (p, p): C̃[n,n] = P Q Pᵀ
    b: np.ndarray  # (k, p): V = P b, for each direction
    x: np.ndarray  # (p,)
    P: np.ndarray  # (p, p): (diag x + K̂_∥[n,n])⁻¹
    E: np.ndarray  # (p, p): the inverse of P for the ν before; work space after
    part: np.ndarray  # (p, p): work space


def allocate_diagonal(groups: int, k: int) -> Diagonal:
    shapes: Shapes = dict.fromkeys(("Q_perp", "x"), (groups,)) | {"b": (k, groups)}
    return Diagonal._make(np.zeros(shapes.get(name, (groups, groups)))
                          for name in Diagonal._fields)


@bundle
class Row(NamedTuple):
    """Time is the last axis, groups the first.

    Where there are two groups g, l, the last axis is (time, l), [g, k·p + l], as in
    `History.R_past`.
    """

    t_perp: np.ndarray  # (p, N): Σ̂_R = Σ_g γ_g (t_perp R̂_⊥,g + Σ_l t_par R̂_∥,gl)
    t_par: np.ndarray  # (p, N·p)
    perp_A: np.ndarray  # K̂_⊥,g = perp_A R̂_A + C_A (perp_r R̂_⊥,g + perp_p R̂_∥,gg)
    perp_r: np.ndarray
    perp_p: np.ndarray
    par_A: np.ndarray  # K̂_∥,gl = par_A R̂_A + C_A (par_p R̂_∥,gl + δ_gl par_r R̂_⊥,g)
    par_r: np.ndarray
    par_p: np.ndarray
    h_sum: np.ndarray  # (p, N): Σ_l γ_l' h over all neurons, as one of group g sees them
    weight: np.ndarray  # (p, p): the same at equal times without γ_l
    Sigma: np.ndarray  # (p, N): group g's part of Σ̂_R without γ_g
    K_perp: np.ndarray
    K_par: np.ndarray
    Sigma_C: np.ndarray  # (N,)
    KC_perp: np.ndarray
    KC_par: np.ndarray
    sum_A: np.ndarray  # running sums over the past
    sum_perp: np.ndarray
    past_par: np.ndarray  # what is known of DR̂_∥
    numerators: np.ndarray  # (p, N·p): E C̃[n,·]
    column: Column
    diagonal: Diagonal


def allocate_row(groups: int, k: int, nodes: int) -> Row:
    pairs = ("t_par", "par_A", "par_p", "K_par", "KC_par", "past_par", "numerators")
    shapes: Shapes = dict.fromkeys(pairs, (groups, nodes * groups))
    shapes |= {"weight": (groups, groups), "Sigma_C": (nodes,), "sum_A": (nodes,)}
    arrays = [np.zeros(shapes.get(name, (groups, nodes))) for name in Row._fields[:-2]]
    return Row._make([*arrays, allocate_column(groups), allocate_diagonal(groups, k)])
