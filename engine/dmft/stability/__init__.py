"""Linear stability of the symmetric solution: SymmDMFT and, along with it, one tagged neuron.

Differences between neurons a_i = a + εx_i δa with Σ x_i = 0 change neither R_A nor C_A at first
order, so they are the linear problem of a tagged neuron in the symmetric background, for any x
(`docs/unequal-neurons.md`).  What a two-time matrix X_ij has at first order in ε,

    ε[x_i X_1 + x_j X_2 + δ_ij x_i X_own],   X_in = m X_1 + X_own,   X_out = m X_2 + X_own,

is kept as X_own, X_in (the tagged neuron from what all have in common) and X_out (the common part
from the tagged neuron).  They are of order one at every width, and products decouple:

    (MX)_own = M_own X_⊥ + M_⊥ X_own      (Xᵀ)_own = X_ownᵀ
    (MX)_in  = M_in X_∥ + M_⊥ X_in        (Xᵀ)_in  = X_outᵀ
    (MX)_out = M_out X_⊥ + M_∥ X_out      (Xᵀ)_out = X_inᵀ

The rows are the exact linearisation of those of `groups`.
"""
