"""One finite network with its data: activation, target, samples, gradient of the risk."""

import math

import numpy as np
from numpy.polynomial import hermite_e, polynomial

from engine.kernels import kernel
from engine.network.features import Coordinates, Monomials
from engine.network.settings import (
    NetworkSettings,
    activation_coefficients,
    target_coefficients,
)
from engine.parameters import Parameters

BLOCK = 2048
"""Fields that are worked on at a time."""


def monomial_coefficients(hermite: tuple[float, ...]) -> np.ndarray:
    """Σ_k c_k He_k(z)/√k! in powers of z.

    With c_k = √h_k this is σ: E σ(G₁)σ(G_q) = Σ h_k q^k, as E He_k(G₁)He_k(G_q) = k! q^k.
    """
    return hermite_e.herme2poly([c / math.sqrt(math.factorial(k)) for k, c in enumerate(hermite)])


def activation(p: Parameters) -> np.ndarray:
    """σ in powers of z."""
    return monomial_coefficients(activation_coefficients(p))


class Network:
    """A network of width m in dimension d with n samples, real or Gaussian.

    a (m,) and W (m, d) in float64 are the state; `gradient` moves nothing.
    Memory: `settings.bytes_per_network(p)`.  All random numbers come from `seed` alone.
    """

    def __init__(self, p: Parameters, settings: NetworkSettings, seed: int):
        self.p, self.settings = p, settings
        rng = np.random.default_rng(seed)
        n, d = settings.samples(p), settings.d
        self.n = n
        self.u = np.zeros(d)
        # Every direction is alike for the data and for the start.
        self.u[0] = 1.0
        W = rng.standard_normal((p.m, d))
        W /= np.linalg.norm(W, axis=1, keepdims=True)
        size, factor, v0, sign = (np.array(x) for x in zip(*p.neurons, strict=True))
        if p.start_d is None and np.any(v0):
            # Beside its own start of order 1/√d.
            v0 = np.repeat(v0, size)[:, None]
            W = np.sqrt(1 - v0**2) * W + v0 * self.u
            W /= np.linalg.norm(W, axis=1, keepdims=True)
        self.W = W
        self.W_start = self.W.copy()
        self.a = p.a_start * np.repeat(factor * sign, size)
        f = target_coefficients(p)
        self.gaussian = settings.algorithm == "gaussian"
        self.features: Monomials | Coordinates = (
            Monomials(p, d) if self.gaussian else Coordinates(d))
        # The fields of the Gaussian model are the activations themselves.
        sigma = np.array([0.0, 1.0]) if self.gaussian else activation(p)
        self.sigma = sigma.astype(np.float32)
        self.slope = np.atleast_1d(polynomial.polyder(sigma)).astype(np.float32)
        self.X = rng.standard_normal((n, self.features.size), dtype=np.float32)
        self._Z = np.empty((n, p.m), dtype=np.float32)
        noise = p.tau * rng.standard_normal(n)
        if isinstance(self.features, Monomials):
            self.y = (self.X @ self.features.target(self.u, f)[:, 0]).astype(float) + noise
            self.X_new = self.y_new = None
        else:
            phi = monomial_coefficients(f)
            self.y = polynomial.polyval(self.X[:, 0].astype(float), phi) + noise
            self.X_new = rng.standard_normal((settings.held_out, d), dtype=np.float32)
            self.y_new = (polynomial.polyval(self.X_new[:, 0].astype(float), phi)
                          + p.tau * rng.standard_normal(settings.held_out))
        self.rng = rng

    def gradient(self, rows: np.ndarray | None = None) -> tuple[float, np.ndarray, np.ndarray]:
        """(R̂, dR̂/da · n/d, P dR̂/dW · n/d) at (a, W), on all samples or the given rows.

        With r = f − y, S = σ(Z), D = σ'(Z), Z = Xψ(W)ᵀ (theory, section 1):
        a' = −Sᵀr/(dm),  w_i' = −(a_i/(dm)) P_{w_i} Xᵀ(r ∘ D_i);
        a mini-batch of b rows is weighted by n/b.  Shapes (), (m,), (m, d).
        Cost: two products of 2 b D m flops and one pass over Z.
        """
        p, d = self.p, self.settings.d
        X, y = (self.X, self.y) if rows is None else (self.X[rows], self.y[rows])
        Z = np.matmul(X, self.features(self.W), out=self._Z[:len(y)])
        square, Sr = backward(Z, y, self.a, self.sigma, self.slope)
        scale = self.n / (len(y) * d * p.m)
        raw = self.features.pull_back(self.W, Z.T @ X)
        raw *= scale * self.a[:, None]
        along = np.einsum("ij,ij->i", self.W, raw)
        self.nu = -along
        raw -= along[:, None] * self.W
        g_a = Sr * scale if p.train_second_layer else np.zeros(p.m)
        return square / (2 * len(y)), g_a, raw

    def move(self, step: float, g_a: np.ndarray, g_W: np.ndarray) -> None:
        """One explicit step of the flow; the rows of W stay on the sphere (D.9)."""
        self.a = self.a - step * g_a
        W = self.W - step * g_W
        W /= np.sqrt(np.einsum("ij,ij->i", W, W))[:, None]
        self.W = W

    def held_out_error(self) -> tuple[float, float]:
        """½ mean (y − f)² on fresh samples, and the standard error of that mean."""
        if self.X_new is None or self.y_new is None:
            return math.nan, math.nan
        S = polynomial.polyval(self.X_new @ self.W.T.astype(np.float32), self.sigma)
        losses = (self.y_new - S @ self.a / self.p.m) ** 2 / 2
        return float(losses.mean()), float(losses.std(ddof=1) / math.sqrt(len(losses)))

    def test_error(self) -> float:
        """½[τ² + ‖φ‖² − (2/m) Σ a_i φ̂(v_i) + m⁻² Σ a_i a_j h(C_ij)], exact for this (a, W)."""
        p = self.p
        fit = self.a @ p.covariance.phi_hat(self.W @ self.u) / p.m
        own = self.a @ p.covariance.h(self.W @ self.W.T) @ self.a / p.m**2
        return float(p.tau**2 + p.phi_norm2 - 2 * fit + own) / 2


@kernel(fastmath={"nsz", "arcp", "contract", "afn", "reassoc"})
def backward(Z: np.ndarray, y: np.ndarray, a: np.ndarray, sigma: np.ndarray,
             slope: np.ndarray) -> tuple[float, np.ndarray]:
    """(Σ r², Sᵀr); Z (b, m) is overwritten by r ∘ σ'(Z).

    r = Σ_j a_j σ(z_j)/m − y is kept in double precision.  NaN and infinities pass through.
    Works through blocks of rows that stay in the processor's nearest memory.
    """
    b, m = Z.shape
    rows = max(1, BLOCK // m)
    Sr = np.zeros(m)
    S = np.empty((rows, m), dtype=np.float32)
    D = np.empty((rows, m), dtype=np.float32)
    weight = (a / m).astype(np.float32)
    square = 0.0
    for begin in range(0, b, rows):
        count = min(rows, b - begin)
        block = Z[begin:begin + count]
        _horner(sigma, block.ravel(), S[:count].ravel())
        _horner(slope, block.ravel(), D[:count].ravel())
        for i in range(count):
            f = np.float32(0.0)
            for j in range(m):
                f += weight[j] * S[i, j]
            r = float(f) - y[begin + i]
            square += r * r
            r_single = np.float32(r)
            for j in range(m):
                Sr[j] += r * S[i, j]
            for j in range(m):
                block[i, j] = D[i, j] * r_single
    return square, Sr


@kernel(fastmath={"nsz", "arcp", "contract", "afn", "reassoc"})
def _horner(coefficients: np.ndarray, z: np.ndarray, out: np.ndarray) -> None:
    """out = Σ_k c_k z^k, one pass over the numbers for each degree."""
    out[:] = coefficients[-1]
    for k in range(len(coefficients) - 2, -1, -1):
        c = coefficients[k]
        for j in range(len(z)):
            out[j] = out[j] * z[j] + c
