"""The general equations C.7–C.21, every neuron for itself, explicit Euler on a uniform grid (D.1).

With (time, neuron) as one index, C and R are matrices: C(t,i; s,j) = C_ij(t,s) is symmetric
(C.4), R is lower block triangular (C.5), and every sum over neurons with an integral over the
past is a matrix product.  Cost O(m³N³), memory O(m²N²) for N = t_max/η steps: small m only.
"""

import numpy as np

from engine.dmft.reference.record import Record, Residuals, check_start, start_array
from engine.parameters import Parameters
from engine.results.status import Status


def solve_general(p: Parameters, steps: int, a0=None, v0=None, overlaps=None) -> Record:
    """The general DMFT of p.m neurons to p.t_max in `steps` uniform steps; first order in η.

    a0        (m,) a_i(0); p.a_start for all when left out
    v0        (m,) v_i(0); 0 when left out
    overlaps  (m, m) C_ij(0,0) with unit diagonal; v_i(0)v_j(0) off it when left out, which is
              what independent directions orthogonal to u give
    Raises ValueError for steps < 1, several directions, or a start that no unit vectors have.  A
    run that leaves the finite numbers is cut where it did, with Status.DIVERGED.
    """
    if p.directions is not None:
        raise ValueError("directions must be left out: neuron for neuron there is one direction.")
    if steps < 1:
        raise ValueError(f"steps must be at least 1; got {steps}.")
    eta, m, alpha, N = p.t_max / steps, p.m, p.alpha, steps + 1
    known = p.covariance.smooth()
    h, dh, ddh, phi_hat, dphi_hat = known.h, known.dh, known.ddh, known.phi_hat, known.dphi_hat
    label_variance = p.tau**2 + p.phi_norm2

    a, v, nu = np.zeros((N, m)), np.zeros((N, m)), np.zeros((N, m))
    a[0] = start_array("a0", a0, p.a_start, (m,))
    v[0] = start_array("v0", v0, 0.0, (m,))
    C, R = np.zeros((N, m, N, m)), np.zeros((N, m, N, m))
    if overlaps is None:
        C[0, :, 0] = np.where(np.eye(m), 1.0, np.outer(v[0], v[0]))
    else:
        C[0, :, 0] = start_array("overlaps", overlaps, 0.0, (m, m))
    check_start(v[0], C[0, :, 0])
    A = Residuals(N, eta)
    status, n = Status.REACHED_T_MAX, 0
    with np.errstate(over="ignore", invalid="ignore"):
        for n in range(N):
            past, count = slice(0, n + 1), (n + 1) * m
            Cn, Rn = C[n, :, past], R[n, :, past]  # [i, s, l] = C_il(t_n, s), R_il(t_n, s)
            aa = a[n][:, None, None] * a[past]
            fit = phi_hat(v[past]) * a[past]
            A.extend(n, (aa * dh(Cn) * Rn).sum((0, 2)) / m**2,  # (C.20)
                     label_variance + (aa * h(Cn)).sum((0, 2)) / m**2
                     - (fit.sum(1) + fit[n].sum()) / m)
            if not np.isfinite(A.C_A[n, n]):
                status, n = Status.DIVERGED, n - 1
                break
            R_A, C_A = A.R_A[n, past], A.C_A[n, past]
            drive = alpha * a[n] * dphi_hat(v[n]) * R_A.sum()
            M_R = alpha * aa * (R_A[:, None] * dh(Cn)
                                + eta * C_A[:, None] * ddh(Cn) * Rn)  # (C.18), η from the sums
            M_C = alpha * eta * aa * C_A[:, None] * dh(Cn)
            M_R, M_C = M_R.reshape(m, count), M_C.reshape(m, count)
            C_past = C.reshape(N * m, N * m)[:count, :count]
            R_past = R.reshape(N * m, N * m)[:count, :count]
            force = (np.multiply.outer(drive, v[past])
                     - (M_R @ C_past + M_C @ R_past.T).reshape(m, n + 1, m) / m)  # (C.9)
            nu[n] = np.diagonal(force[:, n])  # C_ii(t,t) = 1, which is (C.21)
            if n == N - 1:
                break
            force -= nu[n][:, None, None] * Cn
            C[n + 1, :, past] = Cn + eta * force
            C[past, :, n + 1] = C[n + 1, :, past].transpose(1, 2, 0)
            C[n + 1, :, n + 1] = C[n, :, n] + eta * (force[:, n] + force[:, n].T)  # (C.6)
            R[n + 1, :, past] = Rn - eta * (nu[n][:, None, None] * Rn
                                            + (M_R @ R_past).reshape(m, n + 1, m) / m)  # (C.10)
            R[n + 1, :, n] = np.eye(m)  # the δ(t − t'), as R(t,t) = 0
            v[n + 1] = v[n] + eta * (drive - nu[n] * v[n] - M_R @ v[past].ravel() / m)  # (C.8)
            a[n + 1] = a[n]
            if p.train_second_layer:  # (C.7)
                a[n + 1] += eta * alpha * (
                    phi_hat(v[n]) * R_A.sum()
                    - np.einsum("s,isl->i", R_A, a[past] * h(Cn)) / m
                    - eta * np.einsum("s,isl->i", C_A, a[past] * dh(Cn) * Rn) / m
                    - p.weight_decay * a[n] / m)
    rows = slice(0, n + 1)
    overlap = np.einsum("titj->tij", C[rows, :, rows])
    pairs = a[rows, :, None] * a[rows, None, :] * h(overlap)
    return Record(
        t=eta * np.arange(n + 1), a=a[rows], v=v[rows], nu=nu[rows],
        train_error=-0.5 * np.diagonal(A.C_A)[rows],
        test_error=0.5 * (label_variance - 2 * (a[rows] * phi_hat(v[rows])).mean(1)
                          + pairs.sum((1, 2)) / m**2),
        start_overlap=np.einsum("tii->ti", C[rows, :, 0]), overlaps=overlap, status=status)
