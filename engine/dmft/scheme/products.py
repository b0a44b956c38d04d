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
