"""How far each layer moves in a regime, as a fitted power of the width."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from engine.dmft.solve import solve
from engine.limits.checks.collapse import power_of
from engine.limits.frame import LimitError, regime
from engine.monitor import Monitor
from engine.parameters import TABLE, Parameters

WIDTHS = (256, 1024, 4096, 16384)
COLUMNS = ("first_layer_displacement", "second_layer_displacement", "gamma_displacement")


@dataclass(frozen=True)
class Scaling:
    """values ≈ B m^{exponent} at the widths; error is the exponent's standard error.  Both are
    nan where nothing moves."""

    widths: tuple[int, ...]
    values: tuple[float, ...]
    exponent: float
    error: float


def displacement_scalings(p: Parameters, key: str, widths: Sequence[int] = WIDTHS,
                          rtol: float = 1e-2, *,
                          monitor: Monitor = Monitor()) -> dict[str, Scaling]:
    """The powers of m of the `COLUMNS` at one scaled time inside the regime `key`.

    The time is the geometric middle of the window in which `collapse.ladder` compares curves.
    Raises LimitError, also when a run does not get there, and Stopped.  Cost: one solve a width.
    """
    widths = tuple(int(m) for m in widths)
    kind = regime(p, key).kind
    s, power = math.sqrt(math.prod(kind.window)), kind.power
    rows = []
    for n, m in enumerate(widths):
        run = solve(p.replace(m=m, t_max=min(s * m**power, TABLE["t_max"].high)), rtol,
                    monitor=monitor.part(n, len(widths)))
        monitor.check()
        if not run.status.complete:
            raise LimitError(f"the run at m = {m} ended early: {run.status.value}.")
        rows.append(run.at(run.t[-1:]).iloc[0])
    found = {}
    for column in COLUMNS:
        values = tuple(float(row[column]) for row in rows)
        found[column] = Scaling(widths, values, *power_of(widths, values))
    return found
