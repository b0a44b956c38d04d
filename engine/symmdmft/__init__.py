from engine.symmdmft import kernels
from engine.symmdmft.solver import solve

__all__ = ["kernels", "solve"]
