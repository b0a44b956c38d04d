"""The one way in which results are written: NAME.json, or NAME.csv and NAME.csv.json beside it.

A JSON file holds the header, which says what made the numbers, and the columns.  A CSV has no room
for settings, so they go into the companion file, named like it with .json added, together with the
number of rows.
"""

import json
import platform
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd

# Read once: the lookup walks sys.path, which another thread may be changing
# while a run ends (Streamlit does so to import a page).
_LIBRARIES = {name: version(name) for name in ("numpy", "numba", "scipy")}


def software_versions() -> dict[str, str]:
    """Versions of what computed a result."""
    from engine import __version__

    return {"engine": __version__, "python": platform.python_version(), **_LIBRARIES}


def write(path: str | Path, header: Mapping[str, Any], frame: pd.DataFrame) -> None:
    """Write header and table; a missing number is null in JSON, empty in CSV.

    Raises ValueError unless the name ends in .json or .csv.
    """
    path = Path(path)
    if path.suffix == ".json":
        columns = frame.astype(object).where(frame.notna(), None).to_dict(orient="list")
        path.write_text(json.dumps({**header, "columns": columns}))
    elif path.suffix == ".csv":
        frame.to_csv(path, index=False)
        _companion(path).write_text(json.dumps({**header, "rows": len(frame)}))
    else:
        raise ValueError(f"{path.name}: the name must end in .csv or .json")


def read(path: str | Path) -> dict[str, Any]:
    """The header with "columns", each a list, of what `write` wrote, to the last bit.

    Raises ValueError when a file is missing, holds something else, or does not fit its companion.
    """
    path = Path(path)
    header = path if path.suffix == ".json" else _companion(path)
    try:
        data = json.loads(header.read_text())
        if path.suffix == ".csv":
            frame = pd.read_csv(path)
            if len(frame) != data["rows"]:
                raise ValueError(f"{len(frame)} rows where {header.name} has {data['rows']}")
            data["columns"] = frame.to_dict(orient="list")
    except FileNotFoundError as error:
        raise ValueError(f"{error.filename} is missing") from None
    except KeyError as error:
        raise ValueError(f"{error} is missing") from None
    except RecursionError:
        raise ValueError(f"{header.name} is nested too deeply") from None
    return data


def _companion(path: Path) -> Path:
    return path.with_name(path.name + ".json")
