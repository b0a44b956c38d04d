"""What a run of the solver is asked for besides its equations, as rows of a table."""

from engine.fields import Field

SOLVER: dict[str, Field] = {
    f.name: f
    for f in (
        Field(
            "rtol", "rtol", "Tolerance of the solver",
            "Relative accuracy wanted of the curves; smaller takes longer.",
            "real", 0.01, 1e-6, 0.1, "log",
        ),
        Field(
            "max_nodes", "n", "Most time steps",
            "Time steps after which to stop. The default bounds a glassy run at rtol = 0.01 to some"
            " ten seconds.",
            "integer", 4000, 3, 100_000, "log",
        ),
    )
}
"""Their meaning, range and default, for `solve`, links, widgets and the command line."""
RTOL: float = SOLVER["rtol"].default
MAX_NODES: int = SOLVER["max_nodes"].default
