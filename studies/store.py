"""How studies keep their tables: a CSV, and beside it a JSON file that says what made it."""

import json
from pathlib import Path

import pandas as pd

from engine.results.files import software_versions

RESULTS = Path(__file__).parent / "results"


def store(table: pd.DataFrame, path: Path, command: str, **made_with) -> None:
    """Write `table` to `path` and its provenance to `path`.json: command, `made_with`, versions."""
    path.parent.mkdir(parents=True, exist_ok=True)
    table.to_csv(path, index=False, float_format="%.6g")
    path.with_name(path.name + ".json").write_text(json.dumps(
        {"command": command, **made_with, "versions": software_versions()}, indent=1) + "\n")
