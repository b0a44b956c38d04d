"""Sweeps: one computation at many settings, kept cell by cell, here or on a cluster.

    from engine.sweep import grid, sweep

    cells = grid("solve", alpha="0.05:2:25:log", m=[16, 32, 64], tau=0.3)
    table = sweep(cells, "map.sqlite", jobs=2).table()

`kinds.py` says what can be computed, `axes.py` and `design.py` which cells a sweep has, `store.py`
keeps what is finished, `execution.py` computes cells in this process, in several or on a Dask
cluster, `export.py` writes tables, `boundary.py` finds a boundary with few cells.
"""

from engine.sweep.boundary import Boundary, boundary, boundary_line
from engine.sweep.design import MOST_CELLS, grid, listed, random_design, read_rows
from engine.sweep.errors import SweepError
from engine.sweep.export import export
from engine.sweep.kinds import KINDS, Cell, cell, results_version
from engine.sweep.run import Sweep, sweep
from engine.sweep.store import Store

__all__ = ["KINDS", "MOST_CELLS", "Boundary", "Cell", "Store", "Sweep", "SweepError", "boundary",
           "boundary_line", "cell", "export", "grid", "listed", "random_design", "read_rows",
           "results_version", "sweep"]
