"""SymmDMFT and its limits for large two-layer networks (Montanari & Urbani, arXiv 2502.21269)."""

__version__ = "0.1.0"

from engine.parameters import PRESETS, TABLE, ParameterError, Parameters
from engine.symmdmft import solve
from engine.trajectory import Status, Trajectory, TrajectoryError

__all__ = ["PRESETS", "TABLE", "ParameterError", "Parameters", "Status", "Trajectory",
           "TrajectoryError", "solve"]
