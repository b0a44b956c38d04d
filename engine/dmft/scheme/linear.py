"""Small dense systems of linear equations, without LAPACK, whose wrappers are slow to compile."""

from engine.kernels import kernel


@kernel()
def solve(A, B):
    """B (p, q) becomes A⁻¹ B by elimination with row exchanges; A (p, p) is destroyed.

    Where A is singular B is not finite afterwards.
    """
    p, q = B.shape
    for c in range(p):
        best = c
        for g in range(c + 1, p):
            if abs(A[g, c]) > abs(A[best, c]):
                best = g
        if best != c:
            for j in range(p):
                A[c, j], A[best, j] = A[best, j], A[c, j]
            for j in range(q):
                B[c, j], B[best, j] = B[best, j], B[c, j]
        for g in range(c + 1, p):
            factor = A[g, c] / A[c, c]
            for j in range(c + 1, p):
                A[g, j] -= factor * A[c, j]
            for j in range(q):
                B[g, j] -= factor * B[c, j]
    for c in range(p - 1, -1, -1):
        for j in range(q):
            B[c, j] /= A[c, c]
        for g in range(c):
            for j in range(q):
                B[g, j] -= A[g, c] * B[c, j]


@kernel(fastmath=True, forceinline=True)
def multiply(A, B, out):
    """out = A B, of small matrices whose rows in B and out are padded to a multiple of four: each
    four are one vector of the processor, where a loop over p is too short to be one.
    """
    for g in range(out.shape[0]):
        for first in range(0, out.shape[1], 4):
            into = out[g, first:first + 4]
            for l in range(4):
                into[l] = 0.0
            for i in range(B.shape[0]):
                weight, row = A[g, i], B[i, first:first + 4]
                for l in range(4):
                    into[l] += weight * row[l]


@kernel(fastmath=True, forceinline=True)
def inner(A, B):
    """Σ_gl A_gl B_gl."""
    total = 0.0
    for g in range(A.shape[0]):
        for l in range(A.shape[1]):
            total += A[g, l] * B[g, l]
    return total
