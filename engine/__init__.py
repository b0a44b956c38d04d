"""SymmDMFT and its limits for large two-layer networks (Montanari & Urbani, arXiv 2502.21269)."""

__version__ = "0.1.0"

from engine.dmft.solve import solve
from engine.dmft.stability.result import Stability, stability
from engine.fields import ParameterError
from engine.neurons import Group
from engine.parameters import PRESETS, TABLE, Parameters
from engine.results.status import Status
from engine.results.trajectory import Trajectory, TrajectoryError

__all__ = [
           "PRESETS",
           "TABLE",
           "Group",
           "ParameterError",
           "Parameters",
           "Stability",
           "Status",
           "Trajectory",
           "TrajectoryError",
           "solve",
           "stability",
]
