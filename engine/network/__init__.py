"""Finite networks beside the theory: real ones, and the Gaussian model that it is exact for.

Sections 2 and D of the paper (arXiv 2502.21269).  `settings` and `features` say what is run,
`model` holds one network and its gradient, `training` moves it, `runs` trains several seeds,
`estimate` says what that will cost, `finite_size` compares with the DMFT.
"""

from engine.network.estimate import Estimate, estimate, nearest
from engine.network.runs import observation_times, simulate
from engine.network.settings import ALGORITHMS, BEYOND, NETWORK, NetworkSettings
from engine.results.ensemble import Ensemble

__all__ = ["ALGORITHMS", "BEYOND", "NETWORK", "Ensemble", "Estimate", "NetworkSettings",
           "estimate", "nearest", "observation_times", "simulate"]
