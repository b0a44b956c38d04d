"""Explicit Euler for every equation set: slow, plain, and independent of the fast solvers."""
