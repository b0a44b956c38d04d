"""`sweep`: compute the cells that are not in the store yet, and keep each as it is finished."""

from collections.abc import Generator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from engine.fields import Field
from engine.monitor import Monitor
from engine.sweep.axes import WITH_COMMAS
from engine.sweep.errors import SweepError
from engine.sweep.execution import on_cluster, parallel, serial
from engine.sweep.kinds import FAILED, Cell, Outcome, fields, results_version
from engine.sweep.store import Store


@dataclass(frozen=True, eq=False)
class Sweep:
    """What a store has of some cells, in their order."""

    cells: list[Cell]
    outcomes: list[Outcome]

    @property
    def complete(self) -> bool:
        """Is every cell there, failed ones among them?"""
        return len(self.outcomes) == len(self.cells)

    @property
    def failed(self) -> int:
        return sum(outcome.status == FAILED for outcome in self.outcomes)

    def table(self) -> pd.DataFrame:
        """One row a cell: its settings, status and message, key figures, processor time in s.

        Coefficients, groups and overlaps are texts as on the command line.
        """
        rows = [(Cell(outcome.text).content, outcome) for outcome in self.outcomes]
        settings = pd.DataFrame([_settings(content) for content, _ in rows])
        kind = rows[0][0]["kind"] if rows else "solve"
        order = [name for name in fields(kind) if name in settings]
        ends = pd.DataFrame([{"status": outcome.status, "message": outcome.message,
                              **outcome.figures, "seconds": outcome.seconds}
                             for _, outcome in rows])
        seconds = ["seconds"] if rows else []
        ends = ends[[*(name for name in ends if name != "seconds"), *seconds]]
        return pd.concat([settings[order], ends], axis=1)


def sweep(cells: list[Cell], store: str | Path | Store, *, jobs: int = 1, dask: str | None = None,
          retry: bool = False, monitor: Monitor = Monitor()) -> Sweep:
    """Compute what `store` lacks of `cells`, and return all that it has of them.

    jobs     processes of this machine
    dask     in place of them, the address of a running scheduler, tcp://HOST:PORT, or its file
    retry    compute failed cells once more
    monitor  told the share done of what was missing; cancelled, the cells so far are returned

    A cell that fails is kept with its message and stops no other.  Raises SweepError when the store
    cannot be used, when workers were killed here, and when a cluster runs another engine.
    """
    if jobs < 1:
        raise SweepError(f"jobs: must be 1 or more; got {jobs}. Try 1.")
    if not isinstance(store, Store):
        with Store(store) as opened:
            return sweep(cells, opened, jobs=jobs, dask=dask, retry=retry, monitor=monitor)
    missing = [cell.text for cell in store.missing(cells, retry)]
    if missing:
        _compute(missing, _executor(missing, jobs, dask, monitor), store, monitor)
    return Sweep(cells, list(store.outcomes(cells)))


def _executor(texts: list[str], jobs: int, dask: str | None, monitor: Monitor
              ) -> Generator[Outcome, None, None]:
    if dask is not None:
        return on_cluster(texts, dask)
    return parallel(texts, jobs) if jobs > 1 else serial(texts, monitor)


def _compute(missing: list[str], outcomes: Generator[Outcome, None, None], store: Store,
             monitor: Monitor) -> None:
    """Keep each outcome at once."""
    with closing(outcomes):
        for done, outcome in enumerate(outcomes, 1):
            if outcome.version != results_version():
                raise SweepError(f"dask: a worker runs engine {outcome.version}, this is"
                                 f" {results_version()}. Install the same on both.")
            store.keep([outcome])
            monitor.progress(done / len(missing))
            if monitor.cancel():
                break


def _settings(content: dict[str, Any]) -> dict[str, Any]:
    table = fields(content["kind"])
    return {name: _cell_of_table(table[name], value)
            for name, value in (content["options"] | content["settings"]).items()}


def _cell_of_table(field: Field, value: Any) -> Any:
    return field.write(value) if field.kind in WITH_COMMAS else value

