"""`Store`: the finished cells of any number of sweeps in one SQLite file.

A cell is kept under its canonical text and the engine's results version, so a new engine computes
anew and leaves the old rows.  Every write is one transaction in the write-ahead log: what was
written is there after the process was killed at any moment (after a loss of power the last
transactions may be missing, none is torn).  The file holds text and numbers, and reading it runs
nothing: triggers, views and functions of a file's schema are not trusted.  The write-ahead log
wants a local disk; on a network's only one machine may have the file open.
"""

import hashlib
import json
import math
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from engine.sweep.errors import SweepError
from engine.sweep.kinds import FAILED, Cell, Outcome, results_version

APPLICATION = 0x2C0E1157
"""Marks the file as one of ours (SQLite's application_id)."""
FORMAT = 1
WAIT = 60.0
"""Seconds to wait for another process that writes."""
SCHEMA = """
    CREATE TABLE IF NOT EXISTS cells (
        key BLOB NOT NULL, version TEXT NOT NULL, cell TEXT NOT NULL, status TEXT NOT NULL,
        message TEXT NOT NULL, figures TEXT NOT NULL, seconds REAL NOT NULL,
        finished TEXT NOT NULL, PRIMARY KEY (key, version))
"""


class Store:
    """The file at `path`, made if it is not there; to be closed, or used in a `with`.

    Raises SweepError when the file is something else or cannot be used.
    """

    def __init__(self, path: str | Path):
        self.path = Path(path)
        try:
            self._rows = sqlite3.connect(self.path, timeout=WAIT, isolation_level=None)
            self._prepare()
        except sqlite3.Error as error:
            raise SweepError("store: must be a file of sweeps that can be written; got"
                             f" {str(self.path)!r}. {error}") from None

    def _prepare(self) -> None:
        try:
            self._check()
        except (sqlite3.Error, SweepError):
            self.close()
            raise

    def _check(self) -> None:
        """Make the table in a new file; refuse one of another kind before touching it."""
        ask = self._rows.execute
        ask("PRAGMA trusted_schema = OFF")
        # One statement sees one state of the file: another process may be making it just now.
        entries, *made_by = ask("""
            SELECT count(*), (SELECT application_id FROM pragma_application_id),
                   (SELECT user_version FROM pragma_user_version) FROM sqlite_master""").fetchone()
        if made_by != [APPLICATION, FORMAT] and (entries or any(made_by)):
            raise SweepError(f"store: {str(self.path)!r} holds something else than sweeps of this"
                             " version. Choose another name.")
        self._write_ahead()
        ask("PRAGMA synchronous = NORMAL")
        if not entries:
            with self._transaction():
                ask(f"PRAGMA application_id = {APPLICATION}")
                ask(f"PRAGMA user_version = {FORMAT}")
                ask(SCHEMA)

    def _write_ahead(self) -> None:
        """Change to the write-ahead log, for which SQLite itself does not wait its turn."""
        until = time.monotonic() + WAIT
        while True:
            try:
                self._rows.execute("PRAGMA journal_mode = WAL")
                return
            except sqlite3.OperationalError as error:
                busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY  # of whatever kind
                if not busy or time.monotonic() > until:
                    raise
            time.sleep(0.01)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """What is written inside is there as a whole or not at all."""
        self._rows.execute("BEGIN IMMEDIATE")
        with self._rows:
            yield

    def close(self) -> None:
        self._rows.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def keep(self, outcomes: Iterable[Outcome]) -> None:
        """Write these, all of them or none, over failed ones of the same cells."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        rows = [(_key(o.text), o.version, o.text, o.status, o.message,
                 json.dumps(_plain(o.figures)), o.seconds, now) for o in outcomes]
        with self._transaction():
            self._rows.executemany(
                "INSERT OR REPLACE INTO cells VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)

    def missing(self, cells: Iterable[Cell], retry: bool = False) -> list[Cell]:
        """Those that have not been computed by this engine; with `retry` failed ones too."""
        return [cell for cell in cells if self._find("status", cell) in
                ((None, (FAILED,)) if retry else (None,))]

    def outcomes(self, cells: Iterable[Cell]) -> Iterator[Outcome]:
        """Those of the cells that are there, in the order of the cells."""
        for cell in cells:
            if row := self._find("status, message, figures, seconds", cell):
                status, message, figures, seconds = row
                yield Outcome(cell.text, results_version(), status, message, json.loads(figures),
                              seconds)

    def _find(self, columns: str, cell: Cell) -> Any:
        return self._rows.execute(
            f"SELECT {columns} FROM cells WHERE key = ? AND version = ?",
            (_key(cell.text), results_version())).fetchone()


def _key(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def _plain(figures: Mapping[str, Any]) -> dict[str, Any]:
    """For JSON: what is not finite does not exist."""
    return {name: None if isinstance(value, float) and not math.isfinite(value) else value
            for name, value in figures.items()}
