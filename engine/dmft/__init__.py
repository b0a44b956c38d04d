"""Dynamical mean-field theory: a scheme that knows no physics, and the equation sets it solves.

scheme/      implicit time stepping for causal two-time equations
symmetric/   SymmDMFT, neurons alike in law (C.29–C.46)
reference/   the same equations by explicit Euler: slow, plain, one file per equation set
"""
