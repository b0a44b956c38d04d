"""Two-time functions of the past as lower-triangular matrices on the time nodes.

Response-like objects hold cell-integrated values R̂[n,k] = ∫_{t_{k−1}}^{t_k} R(t_n,s) ds, so
that a product of operators is a product of matrices and δ(t−s) is the identity.
Correlation-like objects hold point values C[n,k] = C(t_n,t_k), stored on both sides of the
diagonal so that every sum over the past runs along contiguous rows.  Node 0 carries initial
values only; a response there is the point value R(0,0), from which the first cell is predicted.
"""

from typing import Any

import numpy as np


def stacks(nodes: int, scalars: int, correlations: int, responses: int, observables: int,
           transposed=None) -> dict[str, np.ndarray]:
    """The arrays that every History begins with, empty, for up to `nodes` rows.

    t             (nodes,)
    scalars       (scalars, nodes), unknowns of one time
    correlations  (correlations, nodes, nodes), unknowns of two times
    responses     (responses, nodes, nodes), which follow from the unknowns
    observables   (observables, nodes)
    transposed    (correlations,): X_i(t,s) = X_transposed[i](s,t); left out, each is symmetric
    """
    if transposed is None:
        transposed = np.arange(correlations)
    return {"t": np.zeros(nodes), "scalars": np.zeros((scalars, nodes)),
            "correlations": np.zeros((correlations, nodes, nodes)),
            "responses": np.zeros((responses, nodes, nodes)),
            "observables": np.zeros((observables, nodes)),
            "transposed": np.asarray(transposed, dtype=np.int64)}


def copied(old: Any, new: Any) -> Any:
    """`new` with all that is in `old`, which has fewer rows."""
    for source, target in zip(old, new, strict=True):
        if source.base is None:  # no view of another field
            target[tuple(map(slice, source.shape))] = source
    return new
