"""SymmDMFT and its limits for large two-layer networks (Montanari & Urbani, arXiv 2502.21269)."""

__version__ = "0.1.0"

from engine.dmft.symmetric import solve
from engine.parameters import PRESETS, TABLE, ParameterError, Parameters
from engine.trajectory import Status, Trajectory, TrajectoryError

__all__ = ["PRESETS", "TABLE", "ParameterError", "Parameters", "Status", "Trajectory",
           "TrajectoryError", "solve"]
