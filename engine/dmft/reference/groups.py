"""The general equations for p groups of alike neurons, explicit Euler on a uniform grid (D.1).

Neurons that start alike stay alike, so of C_ij and R_ij there remain a neuron with itself,
X_d,g, and two different neurons, X_gl (g = l: two of one group), each with its multiplicity.
No change of basis and no decoupling: every sum over neurons is written as it stands.
Cost O(p³N³), memory O(p²N²) for N = t_max/η steps.
"""

import numpy as np

from engine.dmft.reference.record import Record, Residuals, check_start, start_array
from engine.parameters import Parameters
from engine.results.status import Status


def solve_groups(p: Parameters, sizes, steps: int, a0=None, v0=None, overlaps=None) -> Record:
    """The DMFT of groups of `sizes` alike neurons, p.m in all, to p.t_max in uniform steps.

    a0        (groups,) a_g(0); p.a_start for all when left out
    v0        (groups,) v_g(0), (groups, k) of several directions; 0 when left out
    overlaps  (groups, groups) C_gl(0,0) of two different neurons; ⟨v_g(0), v_l(0)⟩ when left out
    Raises ValueError for steps < 1, sizes that do not add up to p.m, or a start that no unit
    vectors have.  A run that leaves the finite numbers is cut there, with Status.DIVERGED.
    """
    sizes = np.array(sizes)
    if steps < 1:
        raise ValueError(f"steps must be at least 1; got {steps}.")
    if sizes.ndim != 1 or sizes.min() < 1 or sizes.sum() != p.m:
        raise ValueError(f"sizes must be whole numbers from 1 that add up to m = {p.m};"
                         f" got {sizes.tolist()}.")
    eta, m, alpha, N, G = p.t_max / steps, p.m, p.alpha, steps + 1, len(sizes)
    known = p.covariance.smooth()
    h, dh, ddh = known.h, known.dh, known.ddh
    # φ̂ and ∇φ̂ of v (k, …), also for one direction.
    phi_hat = lambda v: known.phi_hat(v if known.series else v[0])  # noqa: E731
    label_variance = p.tau**2 + p.phi_norm2
    groups, same = range(G), np.eye(G, dtype=int)
    others = sizes - same  # [g, l]: neurons of group l beside one of group g
    pairs = sizes[:, None] * others
    alone = sizes == 1  # such a group has no pair: its X_gg stays 0

    a, v, nu = np.zeros((N, G)), np.zeros((p.k, N, G)), np.zeros((N, G))
    a[0] = start_array("a0", a0, p.a_start, (G,))
    v[:, 0] = np.atleast_2d(start_array("v0", v0, 0.0, (G, p.k) if known.series else (G,)).T)
    # [g, t, s] of a neuron with itself, [g, l, t, s] of two different ones.
    Cd, Rd = np.zeros((2, G, N, N))
    C, R = np.zeros((2, G, G, N, N))
    Cd[:, 0, 0] = 1.0
    start = v[:, 0].T @ v[:, 0] if overlaps is None else start_array("overlaps", overlaps, 0,
                                                                      (G, G))
    C[:, :, 0, 0] = np.where(same & alone, 0.0, start)
    member = np.repeat(groups, np.minimum(sizes, 2))
    check_start(v[:, 0, member].T,
                np.where(np.eye(len(member)), 1.0, start[np.ix_(member, member)]))
    A = Residuals(N, eta)
    status, n = Status.REACHED_T_MAX, 0
    with np.errstate(over="ignore", invalid="ignore"):
        for n in range(N):
            past = slice(0, n + 1)
            cd, rd, c, r = Cd[:, n, past], Rd[:, n, past], C[:, :, n, past], R[:, :, n, past]
            a_past = a[past].T  # [g, s]
            aa_d, aa = a[n][:, None] * a_past, a[n][:, None, None] * a_past
            fit = (a[past] * phi_hat(v[:, past])) @ sizes / m
            over_pairs = lambda own, two: (  # noqa: E731
                sizes @ own + np.einsum("gl,gls->s", pairs, two)) / m**2
            A.extend(n, over_pairs(aa_d * dh(cd) * rd, aa * dh(c) * r),  # (C.20)
                     label_variance + over_pairs(aa_d * h(cd), aa * h(c)) - fit - fit[n])
            if not np.isfinite(A.C_A[n, n]):
                status, n = Status.DIVERGED, n - 1
                break
            R_A, C_A = A.R_A[n, past], A.C_A[n, past]
            drive = alpha * a[n] * known.dphi_hat(v[:, n]) * R_A.sum()  # [i, g]
            MR_d = alpha * aa_d * (R_A * dh(cd) + eta * C_A * ddh(cd) * rd)  # (C.18)
            MR = alpha * aa * (R_A * dh(c) + eta * C_A * ddh(c) * r)
            MC_d, MC = alpha * eta * aa_d * C_A * dh(cd), alpha * eta * aa * C_A * dh(c)
            now = past, past
            memory_d, memory = _product(MR_d, MR, Cd[:, *now], C[:, :, *now], others)
            noise_d, noise = _product(MC_d, MC, Rd[:, *now].transpose(0, 2, 1),
                                      R[:, :, *now].transpose(1, 0, 3, 2), others)
            response_d, response = _product(MR_d, MR, Rd[:, *now], R[:, :, *now], others)
            signal = np.einsum("ig,isl->gls", drive, v[:, past])
            force_d = np.einsum("ggs->gs", signal) - (memory_d + noise_d) / m  # (C.9)
            force = signal - (memory + noise) / m
            nu[n] = force_d[:, n]  # C_d(t,t) = 1, which is (C.21)
            if n == N - 1:
                break
            force_d -= nu[n][:, None] * cd
            force -= nu[n][:, None, None] * c
            force[alone, alone] = response[alone, alone] = 0.0
            Cd[:, n + 1, past] = Cd[:, past, n + 1] = cd + eta * force_d
            Cd[:, n + 1, n + 1] = 1.0
            C[:, :, n + 1, past] = c + eta * force
            C[:, :, past, n + 1] = C[:, :, n + 1, past].transpose(1, 0, 2)
            C[:, :, n + 1, n + 1] = c[:, :, n] + eta * (force[:, :, n] + force[:, :, n].T)  # (C.6)
            Rd[:, n + 1, past] = rd - eta * (nu[n][:, None] * rd + response_d / m)  # (C.10)
            R[:, :, n + 1, past] = r - eta * (nu[n][:, None, None] * r + response / m)
            Rd[:, n + 1, n] = 1.0  # the δ(t − t'), as R(t,t) = 0
            pull = np.einsum("gs,isg->ig", MR_d, v[:, past]) \
                + np.einsum("gl,gls,isl->ig", others, MR, v[:, past])
            v[:, n + 1] = v[:, n] + eta * (drive - nu[n] * v[:, n] - pull / m)  # (C.8)
            a[n + 1] = a[n]
            if p.train_second_layer:  # (C.7)
                own = a_past * (R_A * h(cd) + eta * C_A * dh(cd) * rd)
                rest = a_past * (R_A * h(c) + eta * C_A * dh(c) * r)
                a[n + 1] += eta * alpha * (
                    phi_hat(v[:, n]) * R_A.sum()
                    - (own.sum(1) + np.einsum("gl,gls->g", others, rest)) / m
                    - p.weight_decay * a[n] / m)
    rows = slice(0, n + 1)
    equal_time = np.einsum("gltt->tgl", C[:, :, rows, rows])
    aa = a[rows, :, None] * a[rows, None, :]
    square = np.einsum("g,tgg->t", sizes, aa) * h(1.0) + np.einsum("gl,tgl->t", pairs,
                                                                  aa * h(equal_time))
    return Record(
        t=eta * np.arange(n + 1), a=a[rows], nu=nu[rows],
        v=v[:, rows].transpose(1, 2, 0) if known.series else v[0, rows],
        train_error=-0.5 * np.diagonal(A.C_A)[rows],
        test_error=0.5 * (label_variance - 2 * (a[rows] * phi_hat(v[:, rows])) @ sizes / m
                          + square / m**2),
        start_overlap=Cd[:, rows, 0].T,
        overlaps=np.where(same & alone, 1.0, equal_time), status=status,
        functions={"C_d": Cd[:, rows, rows], "R_d": Rd[:, rows, rows], "C": C[:, :, rows, rows],
                   "R": R[:, :, rows, rows], "R_A": A.R_A[rows, rows], "C_A": A.C_A[rows, rows]})


def _product(M_d, M, X_d, X, others):
    """Σ_i ∫ M_ki(t,s) X_ij(s,t') ds without the step, for j = k and for j another neuron.

    M_d (g, s) and M (g, l, s) are row t of the kernels, X_d (g, s, t') and X (g, l, s, t') the
    functions; returns rows (g, t') and (g, j, t').
    """
    groups = range(len(M_d))
    own, two = np.empty_like(M_d), np.empty_like(M)
    for g in groups:
        own[g] = M_d[g] @ X_d[g] + sum(others[g, l] * (M[g, l] @ X[l, g]) for l in groups)
        for j in groups:
            # i = k, i = j, and every neuron that is neither.
            two[g, j] = M_d[g] @ X[g, j] + M[g, j] @ X_d[j] + sum(
                (others[g, l] - (l == j)) * (M[g, l] @ X[l, j]) for l in groups)
    return own, two
