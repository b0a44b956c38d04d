"""Products of a row with the lower-triangular matrices of the past, at n² multiply–adds each."""

from engine.kernels import kernel


@kernel(fastmath=True)
def add_rows(weights, matrix, n, out):
    """out[k] −= Σ_{1≤j<n} weights[j] matrix[j,k] for k < n; four rows at a time."""
    j = 1
    while j + 3 < n:
        w0, w1, w2, w3 = weights[j], weights[j + 1], weights[j + 2], weights[j + 3]
        r0, r1, r2, r3 = matrix[j], matrix[j + 1], matrix[j + 2], matrix[j + 3]
        for k in range(n):
            out[k] -= w0 * r0[k] + w1 * r1[k] + w2 * r2[k] + w3 * r3[k]
        j += 4
    while j < n:
        w0, r0 = weights[j], matrix[j]
        for k in range(n):
            out[k] -= w0 * r0[k]
        j += 1


@kernel(fastmath=True)
def add_columns(weights, matrix, n, out):
    """out[k] −= Σ_{1≤l≤k} weights[l] matrix[k,l] for k < n (matrix lower triangular)."""
    for k in range(1, n):
        row = matrix[k]
        total = 0.0
        for l in range(1, k + 1):
            total += weights[l] * row[l]
        out[k] -= total


@kernel(fastmath=True)
def dot(x, y, low, high):
    total = 0.0
    for k in range(low, high):
        total += x[k] * y[k]
    return total


@kernel(fastmath=True, forceinline=True)
def multiply_rows(A, B, low, high, out):
    """out[g, l] = Σ_{low≤x<high} A[g, x] B[l, x] for g and l < p; two rows of each at a time."""
    p = A.shape[0]
    for g in range(0, p, 2):
        for l in range(0, p, 2):
            # the last one twice where p is odd
            h, m = min(g + 1, p - 1), min(l + 1, p - 1)
            a0, a1, b0, b1 = A[g, low:high], A[h, low:high], B[l, low:high], B[m, low:high]
            t00 = t01 = t10 = t11 = 0.0
            for x in range(a0.size):
                t00 += a0[x] * b0[x]
                t01 += a0[x] * b1[x]
                t10 += a1[x] * b0[x]
                t11 += a1[x] * b1[x]
            out[g, l], out[g, m], out[h, l], out[h, m] = t00, t01, t10, t11


@kernel(fastmath=True)
def add_symmetric(weights, matrix, low, high, out):
    """out[g, x] += Σ_{low≤y<high} weights[g, y] matrix[y, x] for x < high; weights[:, :low] are 0.

    Of the symmetric matrix little more than the lower triangle is read, for what it adds as the
    one and as the other; four rows at a time.
    """
    p, y = weights.shape[0], low
    while y + 3 < high:
        r0, r1, r2, r3 = matrix[y], matrix[y + 1], matrix[y + 2], matrix[y + 3]
        for g in range(p):
            w, into = weights[g], out[g]
            w0, w1, w2, w3 = w[y], w[y + 1], w[y + 2], w[y + 3]
            for x in range(y + 4):
                into[x] += w0 * r0[x] + w1 * r1[x] + w2 * r2[x] + w3 * r3[x]
            t0 = t1 = t2 = t3 = 0.0
            for x in range(y):
                t0 += w[x] * r0[x]
                t1 += w[x] * r1[x]
                t2 += w[x] * r2[x]
                t3 += w[x] * r3[x]
            into[y] += t0
            into[y + 1] += t1
            into[y + 2] += t2
            into[y + 3] += t3
        y += 4
    for last in range(y, high):
        row = matrix[last]
        for g in range(p):
            w, into = weights[g], out[g]
            for x in range(high):
                into[x] += w[last] * row[x]
            into[last] += dot(w, row, 0, y)
