"""One finite network with its data: samples, gradient of the risk, test error."""

import math

import numpy as np

from engine.network.activation import Series, Values, activation, labels
from engine.network.features import Coordinates, Monomials
from engine.network.settings import NetworkSettings
from engine.parameters import Parameters


class Student:
    """Weights of width m in dimension d on n given samples, and the gradient of their risk.

    a (m,) and W (m, d) in float64 are the state; `gradient` moves nothing.
    X (n, D) float32 are the samples, or what `features` of W are multiplied with; y (n,) labels.
    rng draws what training needs.
    """

    def __init__(self, p: Parameters, settings: NetworkSettings, rng: np.random.Generator,
                 state: tuple[np.ndarray, np.ndarray], samples: tuple[np.ndarray, np.ndarray],
                 sigma: Values, features: "Monomials | Coordinates"):
        self.p, self.settings, self.rng = p, settings, rng
        self.a, self.W = state
        self.W_start = self.W.copy()
        self.X, self.y = samples
        self.n = len(self.y)
        self.sigma, self.features = sigma, features
        self._Z = np.empty((self.n, p.m), dtype=np.float32)

    def gradient(self, rows: np.ndarray | None = None) -> tuple[float, np.ndarray, np.ndarray]:
        """(R̂, dR̂/da · n/d, P dR̂/dW · n/d) at (a, W), on all samples or the given rows.

        With r = f − y, S = σ(Z), D = σ'(Z), Z = Xψ(W)ᵀ (theory, section 1):
        a' = −Sᵀr/(dm),  w_i' = −(a_i/(dm)) P_{w_i} Xᵀ(r ∘ D_i);
        a mini-batch of b rows is weighted by n/b.  Weight decay adds λ a_i/m² to dR̂/da_i.
        Shapes (), (m,), (m, d).
        Cost: two products of 2 b D m flops and one pass over Z.
        """
        p, d = self.p, self.settings.d
        X, y = (self.X, self.y) if rows is None else (self.X[rows], self.y[rows])
        Z = np.matmul(X, self.features(self.W), out=self._Z[:len(y)])
        square, Sr = self.sigma.backward(Z, y, self.a)
        scale = self.n / (len(y) * d * p.m)
        raw = self.features.pull_back(self.W, Z.T @ X)
        raw *= scale * self.a[:, None]
        along = np.einsum("ij,ij->i", self.W, raw)
        self.nu = -along
        raw -= along[:, None] * self.W
        g_a = Sr * scale if p.train_second_layer else np.zeros(p.m)
        if p.weight_decay:
            g_a += self.n / d * p.weight_decay / p.m**2 * self.a
        return square / (2 * len(y)), g_a, raw

    def penalty(self) -> float:
        """(λ/2) Σ (a_i/m)², which the flow minimises together with R̂."""
        return 0.5 * self.p.weight_decay * float(self.a @ self.a) / self.p.m**2

    def move(self, step: float, g_a: np.ndarray, g_W: np.ndarray) -> None:
        """One explicit step of the flow; the rows of W stay on the sphere (D.9)."""
        self.a = self.a - step * g_a
        W = self.W - step * g_W
        W /= np.sqrt(np.einsum("ij,ij->i", W, W))[:, None]
        self.W = W


class Network(Student):
    """A network of width m in dimension d with n samples of the theory's law, real or Gaussian.

    Memory: `settings.bytes_per_network(p)`.  All random numbers come from `seed` alone.
    """

    def __init__(self, p: Parameters, settings: NetworkSettings, seed: int):
        rng = np.random.default_rng(seed)
        n, d = settings.samples(p), settings.d
        # Every direction is alike for the data and for the start.
        self.U = np.eye(d, p.k)
        state = start(p, d, rng, self.U)
        self.gaussian = settings.algorithm == "gaussian"
        features: Monomials | Coordinates = Monomials(p, d) if self.gaussian else Coordinates(d)
        # The fields of the Gaussian model are the activations themselves.
        sigma = Series(np.array([0.0, 1.0])) if self.gaussian else activation(p)
        X = rng.standard_normal((n, features.size), dtype=np.float32)
        noise = p.tau * rng.standard_normal(n)
        if isinstance(features, Monomials):
            psi = features.target(p, self.U)
            y = (X @ psi[:, 0]).astype(float) + noise
            self.X_new = self.y_new = None
        else:
            y = labels(p, X[:, :p.k].astype(float)) + noise
            self.X_new = rng.standard_normal((settings.held_out, d), dtype=np.float32)
            self.y_new = (labels(p, self.X_new[:, :p.k].astype(float))
                          + p.tau * rng.standard_normal(settings.held_out))
        super().__init__(p, settings, rng, state, (X, y), sigma, features)

    def held_out_error(self) -> tuple[float, float]:
        """½ mean (y − f)² on fresh samples, and the standard error of that mean."""
        if self.X_new is None or self.y_new is None:
            return math.nan, math.nan
        S = self.sigma(self.X_new @ self.W.T.astype(np.float32))
        losses = (self.y_new - S @ self.a / self.p.m) ** 2 / 2
        return float(losses.mean()), float(losses.std(ddof=1) / math.sqrt(len(losses)))

    def test_error(self) -> float:
        """½[τ² + ‖φ‖² − (2/m) Σ a_i φ̂(v_i) + m⁻² Σ a_i a_j h(C_ij)], exact for this (a, W)."""
        p, v = self.p, (self.W @ self.U).T
        fit = self.a @ p.covariance.phi_hat(v if p.directions else v[0]) / p.m
        own = self.a @ p.covariance.h(self.W @ self.W.T) @ self.a / p.m**2
        return float(p.tau**2 + p.phi_norm2 - 2 * fit + own) / 2


def start(p: Parameters, d: int, rng: np.random.Generator, U: np.ndarray
          ) -> tuple[np.ndarray, np.ndarray]:
    """(a, W) at t = 0: uniform on the sphere, beside the v(0) along U that v0 or groups ask for."""
    W = rng.standard_normal((p.m, d))
    W /= np.linalg.norm(W, axis=1, keepdims=True)
    size, factor, sign = (np.array([getattr(group, name) for group in p.neurons])
                          for name in ("size", "factor", "sign"))
    v = np.repeat(p.v_start, size, axis=0)
    if p.start_d is None and np.any(v):
        # Beside its own start of order 1/√d.
        W = np.sqrt(1 - np.sum(v**2, axis=1, keepdims=True)) * W + v @ U.T
        W /= np.linalg.norm(W, axis=1, keepdims=True)
    return p.a_start * np.repeat(factor * sign, size), W
