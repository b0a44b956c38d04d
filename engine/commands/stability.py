"""`python -m engine stability`: growth of small differences between identical neurons."""

from pathlib import Path

import click

from engine.commands.console import deliver, running
from engine.commands.options import FieldType, out_option, parameter_options, solver_option
from engine.dmft.stability.result import START, stability
from engine.parameters import Parameters


@click.command()
@click.option("--start", type=FieldType(START), default=START.default, help=START.explain())
@parameter_options(without=("spread", "start_d", "groups", "overlaps"))
@solver_option("rtol")
@solver_option("max_nodes")
@out_option
def command(parameters: Parameters, start: str, rtol: float, max_nodes: int,
            out: Path | None) -> None:
    """Growth of small differences between neurons along the symmetric solution.

    Columns: t; a, v of all; delta_a, delta_v per unit of the difference at the start; log_size,
    the logarithm of √(δv² + (δa/a)²); its slope rate; and rate_m, the rate times m.
    """
    with running() as monitor:
        result = stability(parameters, rtol, start, max_nodes=max_nodes, monitor=monitor)
    deliver(result, out)
