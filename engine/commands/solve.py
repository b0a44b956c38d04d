"""`python -m engine solve`: one run at finite width."""

from pathlib import Path

import click

from engine.commands.console import deliver, running
from engine.commands.options import (
    out_option,
    parameter_options,
    solver_option,
)
from engine.dmft.solve import solve
from engine.parameters import Parameters


@click.command()
@parameter_options()
@solver_option("rtol")
@solver_option("max_nodes")
@out_option
def command(parameters: Parameters, rtol: float, max_nodes: int, out: Path | None) -> None:
    """Train and test error, a, v and displacements over time."""
    with running() as monitor:
        trajectory = solve(parameters, rtol, max_nodes=max_nodes, monitor=monitor)
    deliver(trajectory, out)
