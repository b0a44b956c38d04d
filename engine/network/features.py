"""Features ψ(w) in which a model's fields are linear, and their derivatives.

Real network: the field of neuron i on sample x is ⟨x, w_i⟩, so ψ(w) = w and the design matrix
is X.  Gaussian model (D.4): Σ_k s_k ⟨J^(k), w^{⊗k}⟩ with independent N(0,1) tensors.  Only the
symmetric part of J^(k) is seen, so in law it is Σ_μ g_μ √(k!/μ!) w^μ over the monomials of
degree k, g_μ independent N(0,1): C(d+k−1, k) numbers a sample in place of d^k.
"""

import math
from collections import Counter
from itertools import combinations_with_replacement

import numpy as np

from engine.kernels import kernel
from engine.network.settings import degrees
from engine.parameters import Parameters


class Coordinates:
    """ψ(w) = w, of a real network in dimension d."""

    def __init__(self, d: int):
        self.size = d

    def __call__(self, W: np.ndarray) -> np.ndarray:
        """ψ of every row of W, shape (d, m), float32."""
        return W.T.astype(np.float32, order="C")

    def pull_back(self, W: np.ndarray, H: np.ndarray) -> np.ndarray:
        """Σ_μ H_μ ∂ψ_μ/∂w for H of shape (m, d): shape (m, d), float64."""
        return H.astype(np.float64)


class Monomials:
    """ψ(w) = all s_k √(k!/μ!) w^μ of the degrees k in use, of the Gaussian model.

    Cost of a call and of `pull_back`: m C(d+k−1, k) k² for each degree.
    """

    def __init__(self, p: Parameters, d: int):
        self.parts = []
        s = p.activation_coefficients
        for k in degrees(p):
            index = np.array(list(combinations_with_replacement(range(d), k)), dtype=np.uint16)
            s_k = s[k] if k < len(s) else 0.0
            self.parts.append((k, index, _multiplicities(index), s_k))
        self.size = sum(len(index) for _, index, _, _ in self.parts)

    def __call__(self, W: np.ndarray) -> np.ndarray:
        """ψ of every row of W, shape (size, m), float32."""
        return self._evaluate(W, [s_k for *_, s_k in self.parts])

    def target(self, p: Parameters, U: np.ndarray) -> np.ndarray:
        """Labels from the same J, shape (size, 1): the monomials of u with f_k in place of s_k, or
        c_n on the monomial Π w_i^{n_i} for the directions U = (e_1 … e_k)."""
        if p.directions is None:
            f = p.target_coefficients
            return self._evaluate(U.T, [f[k] if k < len(f) else 0.0 for k, *_ in self.parts])
        c = {tuple(np.repeat(np.arange(p.k), list(map(int, n)))): c for n, c in p.directions}
        return np.array([[c.get(tuple(mu), 0.0)] for _, index, *_ in self.parts
                         for mu in index.tolist()], dtype=np.float32)

    def pull_back(self, W: np.ndarray, H: np.ndarray) -> np.ndarray:
        """Σ_μ H_μ ∂ψ_μ/∂w for H of shape (m, size): shape (m, d), float64."""
        columns, gradient = np.ascontiguousarray(W.T), np.zeros(W.shape[::-1])
        start = 0
        for _, index, weight, s_k in self.parts:
            stop = start + len(index)
            if s_k:
                _pull_back(columns, index, s_k * weight,
                           np.ascontiguousarray(H[:, start:stop].T), gradient)
            start = stop
        return np.ascontiguousarray(gradient.T)

    def _evaluate(self, W: np.ndarray, factors: list[float]) -> np.ndarray:
        columns = np.ascontiguousarray(W.T)
        psi = np.empty((self.size, len(W)), dtype=np.float32)
        start = 0
        for (_, index, weight, _), factor in zip(self.parts, factors, strict=True):
            stop = start + len(index)
            _monomials(columns, index, factor * weight, psi[start:stop])
            start = stop
        return psi


def _multiplicities(index: np.ndarray) -> np.ndarray:
    """√(k!/μ!) of each row of sorted indices."""
    k = index.shape[1]
    weights = np.empty(len(index))
    runs = {}
    # How indices repeat depends on the pattern of equal neighbours alone.
    same = index[:, 1:] == index[:, :-1]
    codes = same @ (1 << np.arange(k - 1)) if k > 1 else np.zeros(len(index), dtype=int)
    for code in np.unique(codes):
        row = index[np.argmax(codes == code)]
        repeats = math.prod(math.factorial(c) for c in Counter(row.tolist()).values())
        runs[code] = math.sqrt(math.factorial(k) / repeats)
        weights[codes == code] = runs[code]
    return weights


@kernel()
def _monomials(W: np.ndarray, index: np.ndarray, weight: np.ndarray, out: np.ndarray) -> None:
    """W is (d, m), out (rows, m): the neurons stand side by side for the processor's vectors."""
    m = W.shape[1]
    for row in range(len(index)):
        value = np.full(m, weight[row])
        for q in range(index.shape[1]):
            value *= W[index[row, q]]
        out[row] = value


@kernel()
def _pull_back(W: np.ndarray, index: np.ndarray, weight: np.ndarray, H: np.ndarray,
               gradient: np.ndarray) -> None:
    m, k = W.shape[1], index.shape[1]
    value = np.empty(m)
    for row in range(len(index)):
        for q in range(k):
            for i in range(m):
                value[i] = weight[row] * H[row, i]
            for other in range(k):
                if other != q:
                    factor = W[index[row, other]]
                    for i in range(m):
                        value[i] *= factor[i]
            target = gradient[index[row, q]]
            for i in range(m):
                target[i] += value[i]
