"""Explicit Euler for every equation set: slow, plain, and independent of the fast solvers."""

from engine.dmft.reference.symmetric import solve_euler

__all__ = ["solve_euler"]
