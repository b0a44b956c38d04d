"""Dynamical mean-field theory: a scheme that knows no physics, and the equation sets it solves.

scheme/      implicit time stepping for causal two-time equations
symmetric/   SymmDMFT, neurons alike in law (C.29–C.46)
groups/      the general equations, groups of alike neurons (C.7–C.21)
reference/   the same equations by explicit Euler: slow, plain, one file per equation set
solve        a run of whichever set the parameters ask for
"""
