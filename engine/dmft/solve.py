"""`solve`: a run at finite width, by SymmDMFT or, for neurons that differ, the general DMFT."""

from engine.dmft.groups import result as groups
from engine.dmft.scheme.control import Control
from engine.dmft.scheme.settings import MAX_NODES, RTOL
from engine.dmft.scheme.stepping import GIVE_UP, Stepping, integrate
from engine.dmft.symmetric import result as symmetric
from engine.monitor import Monitor
from engine.parameters import Parameters
from engine.results.trajectory import Trajectory


def solve(
    parameters: Parameters,
    rtol: float = RTOL,
    *,
    monitor: Monitor = Monitor(),
    max_nodes: int = MAX_NODES,
    control: Control = Control(),
) -> Trajectory:
    """The DMFT solution for `parameters` from t = 0 to t_max.

    SymmDMFT (C.29–C.46) for identical neurons, else the general equations (C.7–C.21) for groups.

    rtol       relative accuracy wanted of the curves, 1e-6 … 0.1
    monitor    told t/t_max (on a log scale), and asked whether to stop, after every row
    max_nodes  time steps after which the run ends with Status.NODE_LIMIT; it ends so from a
               quarter of them on (at least 1000) when its end is clearly beyond the rest

    Never raises for numerical reasons: the status says how the run ended, and the partial
    result is kept.  Raises ParameterError for rtol or max_nodes out of range
    and for an activation with a kink.
    Cost: about 6n² multiply–adds a sweep for n ≤ 10/√rtol rows of history kept, 4–10 sweeps a
    time step (20 in glassy states), some hundred steps.  Memory 56n² bytes, 126 MB at most.
    p groups: 2p³n² a sweep, (4p² + 2p + 3) 8n² bytes.
    """
    kind = symmetric if parameters.identical else groups
    run = Stepping(kind.prepare(parameters), parameters.t_max, rtol, control, max_nodes,
                   give_up_after=max(GIVE_UP, max_nodes // 4))
    integrate(run, monitor=monitor)
    return kind.trajectory(run, parameters)
