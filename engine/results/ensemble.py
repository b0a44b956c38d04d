"""Runs of several networks: a tidy table beside the theory's curve."""

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from engine.parameters import Parameters
from engine.results import files
from engine.results.status import Status
from engine.results.trajectory import COLUMNS as ORDER_PARAMETERS

if TYPE_CHECKING:  # the networks import this module
    from engine.network.settings import NetworkSettings

SPREADS = ("a_spread", "v_spread", "first_layer_displacement_spread", "overlap_spread")
COLUMNS = ("seed", *ORDER_PARAMETERS, "held_out_error", "held_out_sd", *SPREADS, "step")


@dataclass(frozen=True, eq=False)
class Ensemble:
    """Runs of several seeds.

    frame     one row per seed and time, columns COLUMNS: those of a Trajectory, averaged over
              the neurons of one network (first-layer displacement: root mean square, which is
              √(2 − 2C_d(t,0))); the standard deviation over neurons (`_spread`); the test error
              on held-out samples with the standard error of that mean; the learning rate
    statuses  how each seed ended
    work      gradients evaluated, over all seeds;  seconds: of all seeds together
    """

    parameters: Parameters
    settings: "NetworkSettings"
    frame: pd.DataFrame
    statuses: dict[int, Status]
    work: int = 0
    seconds: float = 0.0
    versions: dict[str, str] = field(default_factory=files.software_versions)

    @property
    def complete(self) -> bool:
        """True when every seed was run to its end."""
        return (len(self.statuses) == self.settings.seeds
                and all(status.complete for status in self.statuses.values()))

    def quantiles(self, column: str, low: float = 0.1, high: float = 0.9) -> pd.DataFrame:
        """t, low, median, high of a column over the seeds that reached t."""
        by_time = self.frame.groupby("t")[column]
        return pd.DataFrame({"low": by_time.quantile(low), "median": by_time.median(),
                             "high": by_time.quantile(high)}).reset_index()

    def mean(self, column: str) -> pd.DataFrame:
        """t, mean and its standard error over seeds (NaN for a single seed)."""
        by_time = self.frame.groupby("t")[column]
        return pd.DataFrame({"mean": by_time.mean(),
                             "error": by_time.sem()}).reset_index()

    def header(self) -> dict[str, Any]:
        """What made the runs, in plain types for JSON."""
        return {"label": "finite networks", "parameters": self.parameters.as_dict(),
                "settings": asdict(self.settings), "work": self.work, "versions": self.versions,
                "statuses": {str(seed): s.value for seed, s in self.statuses.items()}}

    def save(self, path: str | Path) -> None:
        """Write .csv or .json (`engine.results.files`)."""
        files.write(path, self.header(), self.frame)
