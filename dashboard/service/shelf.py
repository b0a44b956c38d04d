"""Runs that took long, on disk for all workers of a port.

    shelf.find(settings)       # None where no worker has solved them, or the file is not sound
    shelf.put(settings, run)
"""

import hashlib
import os
import threading
from contextlib import suppress
from pathlib import Path

from dashboard.service import worker
from dashboard.service.links import Settings
from engine import Trajectory
from engine.results.trajectory import TrajectoryError

MOST = 100
"""Runs that are kept, some 100 kB each; those longest unused go first."""


class Shelf:
    """In a folder; one that is None holds nothing."""

    def __init__(self, folder: Path | None, most: int = MOST):
        self._folder, self._most = folder, most

    def find(self, settings: Settings) -> Trajectory | None:
        """The run of `settings`."""
        if self._folder is None:
            return None
        file = self._file(self._folder, settings)
        try:
            run = Trajectory.load(file)
            os.utime(file)
        except (OSError, ValueError, TrajectoryError):
            return None
        own = settings.parameters, settings.rtol
        return run if (run.parameters, run.rtol) == own else None

    def put(self, settings: Settings, run: Trajectory) -> None:
        """Keep a run, whole or not at all."""
        if self._folder is None:
            return
        new = self._folder / f"{worker.NUMBER}-{threading.get_ident()}.new.json"
        with suppress(OSError):  # a full disk: each worker solves it for itself
            try:
                run.save(new)
                new.replace(self._file(self._folder, settings))
            finally:
                new.unlink(missing_ok=True)
        with suppress(OSError):
            files = sorted(self._folder.glob("run-*.json"), key=lambda file: file.stat().st_mtime)
            for file in files[:-self._most]:
                file.unlink()

    @staticmethod
    def _file(folder: Path, settings: Settings) -> Path:
        return folder / f"run-{hashlib.sha256(repr(settings).encode()).hexdigest()[:32]}.json"


shelf = Shelf(worker.FOLDER if worker.COUNT > 1 else None)
"""That of the port."""
