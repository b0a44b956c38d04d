"""Tables of sweeps as .csv (what made it in .csv.json beside it), .parquet or .nc, with provenance.

All three hold numbers and text alone: opening one runs no code.
"""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from engine.kernels import fingerprint
from engine.results import files
from engine.sweep.errors import SweepError
from engine.sweep.execution import needed
from engine.sweep.kinds import fields
from engine.sweep.run import Sweep

ENDINGS = (".csv", ".parquet", ".nc")
EXTRA = {".parquet": "pyarrow", ".nc": "xarray"}
"""By ending, the optional package that writes it."""


def check_packages(path: Path) -> None:
    """Refuse an ending whose package is missing.  Raises SweepError."""
    if path.suffix in EXTRA:
        needed(EXTRA[path.suffix], f"--out {path.name}", "sweep")


def export(result: Sweep, path: str | Path, command: str = "engine.sweep") -> None:
    """Write the table of `result`.

    .parquet  provenance under `pandas.read_parquet(path).attrs`
    .nc       NetCDF for xarray: settings that vary are dimensions where every combination occurs,
              else there is one, `cell`; provenance in the attributes
    Raises SweepError, OSError.
    """
    path = Path(path)
    check_packages(path)
    frame, header = result.table(), provenance(result, command)
    if path.suffix == ".csv":
        files.write(path, header, frame)
    elif path.suffix == ".parquet":
        frame.attrs.update(header)
        frame.to_parquet(path, index=False)
    elif path.suffix == ".nc":
        _write_netcdf(frame, varying(result), header, path)
    else:
        raise SweepError(f"out: must end in {' or '.join(ENDINGS)}; got {str(path)!r}.")


def provenance(result: Sweep, command: str) -> dict[str, Any]:
    """What made the table, in plain types for JSON."""
    kind = result.cells[0].content["kind"] if result.cells else ""
    return {"label": f"sweep of {kind}", "command": command, "cells": len(result.cells),
            "finished": len(result.outcomes), "failed": result.failed,
            "fingerprint": fingerprint(), "versions": files.software_versions(),
            "date": datetime.now(UTC).isoformat(timespec="seconds")}


def varying(result: Sweep) -> list[str]:
    """The settings that differ between cells, in the order of the tables."""
    content = [cell.content for cell in result.cells]
    settings = [one["options"] | one["settings"] for one in content]
    kind = content[0]["kind"] if content else "solve"
    return [name for name in fields(kind)
            if len({json.dumps(one.get(name)) for one in settings}) > 1]


def _write_netcdf(frame: pd.DataFrame, axes: list[str], header: dict[str, Any], path: Path
                  ) -> None:
    xarray = needed("xarray", f"--out {path.name}", "sweep")
    dimensions = _independent(frame, axes)
    indexed = frame.set_index(dimensions) if dimensions else frame.rename_axis("cell")
    data = xarray.Dataset.from_dataframe(_for_netcdf(indexed))
    data.attrs = {name: value if isinstance(value, str | int) else json.dumps(value)
                  for name, value in header.items()}
    data.to_netcdf(path, engine="scipy")


def _independent(frame: pd.DataFrame, axes: list[str]) -> list[str]:
    """The axes, if every combination of their values occurs once; the default horizon follows m,
    and is none then."""
    for wanted in (axes, [name for name in axes if name != "t_max"]):
        values = frame[wanted]
        if wanted and not values.isna().any(axis=None) and not values.duplicated().any() \
                and np.prod(values.nunique()) == len(frame):
            return wanted
    return []


def _for_netcdf(frame: pd.DataFrame) -> pd.DataFrame:
    """NetCDF has no missing text, and no missing whole number."""
    columns = {}
    for name, column in frame.items():
        if column.dtype == object or isinstance(column.dtype, pd.StringDtype):
            numbers = pd.to_numeric(column, errors="coerce")
            text = column.map(lambda value: isinstance(value, str)).any()
            columns[name] = column.fillna("").astype(str) if text else numbers.astype(float)
        else:
            columns[name] = column
    return pd.DataFrame(columns, index=frame.index)
