"""The paper's scheme, explicit Euler on a uniform grid (D.1): slow, plain, the reference.

Every equation stands here as in section C.5 of the paper, in the C_d, C_o basis and with no
other trick, so that it shares neither variables nor discretisation with the fast solver.
Unstable for steps above about 2/(α a² h'(1)); cost O(N³), memory O(N²) for N = t_max/η steps.
"""

import numpy as np

from engine.parameters import Parameters
from engine.results.status import Status
from engine.results.trajectory import Trajectory


def solve_euler(p: Parameters, steps: int) -> Trajectory:
    """SymmDMFT to p.t_max in `steps` uniform explicit steps; first order in η = t_max/steps.

    Raises ValueError for steps < 1.  A run that leaves the finite numbers is cut where it
    did, with Status.DIVERGED.
    """
    if steps < 1:
        raise ValueError(f"steps must be at least 1; got {steps}.")
    eta, m, alpha, N = p.t_max / steps, p.m, p.alpha, steps + 1
    known = p.covariance.smooth()
    h, dh, ddh, phi_hat, dphi_hat = known.h, known.dh, known.ddh, known.phi_hat, known.dphi_hat
    label_variance = p.tau**2 + p.phi_norm2

    Cd, Co, Rd, Ro = (np.zeros((N, N)) for _ in range(4))
    Sigma_R, Sigma_C, R_A, C_A = (np.zeros((N, N)) for _ in range(4))
    a, nu = np.zeros(N), np.zeros(N)
    v = np.zeros((*known.origin.shape, N))  # (N,), or (k, N)
    Cd[0, 0], a[0] = 1.0, p.a_start
    if p.v0:
        v[..., 0] = p.v0 if p.directions else p.v0[0]
        Co[0, 0] = np.sum(np.square(p.v0))
    status, n = Status.REACHED_T_MAX, 0
    with np.errstate(over="ignore", invalid="ignore"):
        for n in range(N):
            past = slice(0, n + 1)
            # Row n of Σ (C.42, C.43), then R_A = (1 + ηΣ_R)⁻¹ and C_A = −R_A Σ_C R_Aᵀ (D.6).
            aa = a[n] * a[past]
            Sigma_R[n, past] = aa / m * (dh(Cd[n, past]) * Rd[n, past]
                                         + (m - 1) * dh(Co[n, past]) * Ro[n, past])
            Sigma_C[n, past] = (
                label_variance - a[n] * phi_hat(v[..., n]) - a[past] * phi_hat(v[..., past])
                + aa / m * (h(Cd[n, past]) + (m - 1) * h(Co[n, past])))
            Sigma_C[past, n] = Sigma_C[n, past]
            R_A[n, past] = -eta * Sigma_R[n, past] @ R_A[past, past]
            R_A[n, n] += 1.0
            C_A[n, past] = -(R_A[n, past] @ Sigma_C[past, past]) @ R_A[past, past].T
            C_A[past, n] = C_A[n, past]
            if not np.isfinite(C_A[n, n]):
                status, n = Status.DIVERGED, n - 1
                break
            if n == N - 1:
                break
            # Memory kernels (C.38–C.41); R_A's discrete δ is its diagonal, hence no 1/η here.
            MR_d = alpha * aa * (R_A[n, past] * dh(Cd[n, past])
                                 + eta * C_A[n, past] * ddh(Cd[n, past]) * Rd[n, past])
            MR_o = alpha * aa * (R_A[n, past] * dh(Co[n, past])
                                 + eta * C_A[n, past] * ddh(Co[n, past]) * Ro[n, past])
            MC_d = alpha * aa * C_A[n, past] * dh(Cd[n, past])
            MC_o = alpha * aa * C_A[n, past] * dh(Co[n, past])
            # ∫₀^{t'} M^C(t,s) R(t',s) ds; column 0 … n of the transposed response.
            RdT, RoT = Rd[past, past].T, Ro[past, past].T
            drive = alpha * a[n] * R_A[n, past].sum()
            signal = drive * _product(dphi_hat(v[..., n]), v[..., past])
            force_d = signal - (
                MR_d @ Cd[past, past] + (m - 1) * MR_o @ Co[past, past]
                + eta * (MC_d @ RdT + (m - 1) * MC_o @ RoT)) / m
            force_o = signal - (
                MR_d @ Co[past, past] + MR_o @ Cd[past, past] + (m - 2) * MR_o @ Co[past, past]
                + eta * (MC_d @ RoT + MC_o @ RdT + (m - 2) * MC_o @ RoT)) / m
            nu[n] = force_d[n]  # d/dt C_d(t,t) = 0
            Cd[n + 1, past] = Cd[n, past] + eta * (force_d - nu[n] * Cd[n, past])
            Co[n + 1, past] = Co[n, past] + eta * (force_o - nu[n] * Co[n, past])
            Rd[n + 1, past] = Rd[n, past] + eta * (
                -nu[n] * Rd[n, past]
                - (MR_d @ Rd[past, past] + (m - 1) * MR_o @ Ro[past, past]) / m)
            Ro[n + 1, past] = Ro[n, past] + eta * (
                -nu[n] * Ro[n, past]
                - (MR_d @ Ro[past, past] + MR_o @ Rd[past, past]
                   + (m - 2) * MR_o @ Ro[past, past]) / m)
            Rd[n + 1, n] = 1.0
            v[..., n + 1] = v[..., n] + eta * (
                drive * dphi_hat(v[..., n]) - nu[n] * v[..., n]
                - v[..., past] @ (MR_d + (m - 1) * MR_o) / m)
            Cd[past, n + 1], Co[past, n + 1] = Cd[n + 1, past], Co[n + 1, past]
            Cd[n + 1, n + 1] = 1.0
            # C_o(t,t) changes through both of its times.
            Co[n + 1, n + 1] = Co[n, n] + 2 * eta * (force_o[n] - nu[n] * Co[n, n])
            a[n + 1] = a[n]
            if p.train_second_layer:
                h_sum = h(Cd[n, past]) + (m - 1) * h(Co[n, past])
                h_R = dh(Cd[n, past]) * Rd[n, past] + (m - 1) * dh(Co[n, past]) * Ro[n, past]
                a[n + 1] += eta * alpha * (
                    phi_hat(v[..., n]) * R_A[n, past].sum()
                    - (R_A[n, past] @ (a[past] * h_sum) + eta * C_A[n, past] @ (a[past] * h_R)) / m
                    - p.weight_decay * a[n] / m)
    rows = slice(0, n + 1)
    overlap = np.diagonal(Co)[rows]
    gamma = a[rows] / np.sqrt(m)
    test = 0.5 * (label_variance - 2 * a[rows] * phi_hat(v[..., rows])
                  + a[rows] ** 2 * (h(1.0) + (m - 1) * h(overlap)) / m)
    return Trajectory(
        t=eta * np.arange(n + 1), a=a[rows], gamma=gamma, nu=nu[rows],
        v=np.linalg.norm(v[:, rows], axis=0) if p.directions else v[rows],
        components=v[:, rows].T if p.directions else None,
        train_error=-0.5 * np.diagonal(C_A)[rows], test_error=test,
        first_layer_displacement=np.sqrt(np.maximum(2 - 2 * Cd[rows, 0], 0)),
        second_layer_displacement=np.abs(a[rows] - a[0]),
        gamma_displacement=np.abs(gamma - gamma[0]), overlap=overlap,
        status=status, parameters=p, label="explicit Euler", work={"nodes": n + 1})


def _product(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """⟨x, y⟩ of one direction's x () and y (n,), or of several directions' (k,) and (k, n)."""
    return np.tensordot(np.atleast_1d(x), np.atleast_2d(y), 1)
