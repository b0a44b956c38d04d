"""How a computation ended."""

from enum import Enum


class Status(str, Enum):
    """How a run ended.  `advice` says what to do about it."""

    REACHED_T_MAX = "reached t_max"
    INTERPOLATED = "interpolated"
    CANCELLED = "cancelled"
    NODE_LIMIT = "node limit"
    STALLED = "stalled"
    DIVERGED = "diverged"

    @property
    def advice(self) -> str:
        return _ADVICE[self]

    @property
    def complete(self) -> bool:
        """True when nothing more would happen up to t_max."""
        return self in (Status.REACHED_T_MAX, Status.INTERPOLATED)


_ADVICE = {
    Status.REACHED_T_MAX: "The run reached its horizon.",
    Status.INTERPOLATED: "The train error reached zero; the curves stay at their last values.",
    Status.CANCELLED: "The run was cancelled; what was computed is kept.",
    Status.NODE_LIMIT: "The way to t_max takes more time steps than max_nodes; raise max_nodes"
                       " or rtol, or shorten t_max. The curves up to the last time are valid.",
    Status.STALLED: "The step size fell to the limit of double precision; raise rtol or shorten"
                    " t_max. The curves up to the last time are valid.",
    Status.DIVERGED: "The run left the finite numbers; take a smaller step. What was computed"
                     " before is kept.",
}
