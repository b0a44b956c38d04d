"""What the lecturer wants to know: visitors, queue, cache, memory, versions.

The worker that is asked adds up what all have told a moment ago.
"""

import os
import sys
from pathlib import Path
from typing import Any

import streamlit as st

from dashboard.service import worker
from dashboard.service.environment import SET
from dashboard.service.jobs import manager
from dashboard.service.router import STATUS
from dashboard.service.turns import doors
from engine.results.files import software_versions


def own() -> dict[str, float]:
    """This worker's part: numbers that can be added up."""
    return {"visitors": doors.count(), **manager.state(), "memory_mb": _memory()}


def everywhere() -> dict[str, Any]:
    """The status of the port."""
    parts = [own(), *worker.others(STATUS)]
    added = {name: round(sum(part[name] for part in parts), 1) for name in parts[0]}
    return added | {
        "workers": len(parts), "places": doors.places,
        "settings": {name: value for name, value in SET.items() if name != "status_key"},
        "versions": {"python": sys.version.split()[0], "streamlit": st.__version__,
                     **software_versions()}}


def tell() -> None:
    """The other workers this one's part."""
    worker.put(STATUS, own())


def _memory() -> float:
    """Resident memory of this process in MB; 0 where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return 0.0
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 1e6, 1)
