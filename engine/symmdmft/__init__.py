from engine.symmdmft.solver import solve

__all__ = ["solve"]
