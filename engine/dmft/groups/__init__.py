"""The general DMFT for p groups of alike neurons (C.7–C.21 reduced by the symmetry in a group).

Group g has m_g neurons, Σ m_g = m; X_d,g is a neuron with itself, X_gl two different ones.  What
neurons of a group have in common decouples from their differences:

    X_⊥,g = X_d,g − X_gg                                    m_g − 1 modes, none where m_g = 1
    X_∥,gl = √(m_g m_l) X_gl + δ_gl X_⊥,g                   one p×p sector

Products, inverses and transposes go sector by sector; p = 1 is SymmDMFT, p = m the general case.
"""
