"""What a run returns: the order parameters and errors over time, with all that made them."""

from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from engine.parameters import Parameters
from engine.results import files
from engine.results.groups import GroupCurves
from engine.results.status import Status

if TYPE_CHECKING:
    from scipy.interpolate import PchipInterpolator

FORMAT = 1
COLUMNS = ("t", "a", "gamma", "v", "nu", "train_error", "test_error", "first_layer_displacement",
           "second_layer_displacement", "gamma_displacement", "overlap")


class TrajectoryError(ValueError):
    """A file does not hold a trajectory; says which file and what is wrong with it."""


@dataclass(frozen=True, eq=False)
class Trajectory:
    """Order parameters and errors on the time nodes t, all arrays of shape (nodes,).

    t                          training time, increasing, starting at 0
    a, gamma                   second-layer weight a(t) and complexity γ = a/√m
    v                          alignment ⟨w, u⟩ of every neuron with the latent direction; ‖v‖ where
                               the target has several
    nu                         Lagrange multiplier ν of ‖w‖ = 1
    train_error, test_error    e_tr (C.45) and e_ts (C.46)
    first_layer_displacement   ‖w(t) − w(0)‖ = √(2 − 2C_d(t,0))
    second_layer_displacement  |a(t) − a₀|;  gamma_displacement: |γ(t) − γ₀|
    overlap                    C_o(t,t), the overlap of two different neurons

    Where neurons differ, those of neurons and of pairs are means over all of them, and `groups`
    has the curves of each group of alike neurons.  Where the target has several directions,
    `components` has v_1 … v_k, of shape (nodes, k), in the columns v1 … of `to_frame`.
    The width is `parameters.m`, also of a large-width limit, which is drawn in its units.  Arrays
    are read-only.
    """

    t: np.ndarray
    a: np.ndarray
    gamma: np.ndarray
    v: np.ndarray
    nu: np.ndarray
    train_error: np.ndarray
    test_error: np.ndarray
    first_layer_displacement: np.ndarray
    second_layer_displacement: np.ndarray
    gamma_displacement: np.ndarray
    overlap: np.ndarray
    status: Status
    parameters: Parameters
    rtol: float | None = None
    label: str = "SymmDMFT"
    work: dict[str, int] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=files.software_versions)
    groups: GroupCurves | None = None
    components: np.ndarray | None = None

    def __post_init__(self) -> None:
        for name in COLUMNS:
            array = np.array(getattr(self, name), dtype=float)
            if array.ndim != 1 or array.shape != np.shape(self.t):
                raise ValueError(f"{name} must have the shape of t")
            array.flags.writeable = False
            object.__setattr__(self, name, array)
        if self.components is not None:
            components = np.array(self.components, dtype=float)
            if components.shape != (len(self.t), self.parameters.k):
                raise ValueError("components must have the shape (nodes, k)")
            components.flags.writeable = False
            object.__setattr__(self, "components", components)
        object.__setattr__(self, "status", Status(self.status))

    def __len__(self) -> int:
        return len(self.t)

    @property
    def generalization_gap(self) -> np.ndarray:
        """e_ts − e_tr, shape (nodes,)."""
        return self.test_error - self.train_error

    @property
    def truncation(self) -> float:
        """Part of the accuracy beside `rtol`: the share of h''(1) that the polynomial in the place
        of h leaves out, more than it leaves out of h'(1) and h(1).  0 where h is a polynomial."""
        known = self.parameters.covariance
        return known.tail.ddh / known.ddh_1 if known.tail.ddh else 0.0

    def to_frame(self) -> pd.DataFrame:
        """A table with one row per time node, the columns of `COLUMNS` and `extra_columns`."""
        return pd.DataFrame({name: getattr(self, name) for name in COLUMNS} | self.extra_columns)

    @property
    def extra_columns(self) -> dict[str, np.ndarray]:
        """v1 … vk of several directions, and those of `groups`, each (nodes,)."""
        found = self.groups.columns() if self.groups else {}
        if self.components is None:
            return found
        names = self.parameters.component_names
        return dict(zip(names, self.components.T, strict=True)) | found

    def at(self, t: Any, columns: tuple[str, ...] = COLUMNS[1:]) -> pd.DataFrame:
        """t and columns at the given times (any shape is flattened), of the solver's order.

        columns  of `to_frame`, the extra ones among them

        Between nodes: a cubic through the values with slopes from the neighbouring nodes
        (PCHIP), so a monotone curve stays monotone.  Beyond the last node of a complete run
        the last values hold.  Raises ValueError for times outside the run.
        """
        times = np.ravel(np.asarray(t, dtype=float))
        values = self.values_at(times, columns)
        return pd.DataFrame({"t": times} | dict(zip(columns, values.T, strict=True)))

    def values_at(self, t: np.ndarray, columns: tuple[str, ...]) -> np.ndarray:
        """The numbers of `at` alone, shape (times, columns): a tenth of the time for a few."""
        end = np.inf if self.status is Status.INTERPOLATED else self.t[-1]
        if not np.all((t >= 0) & (t <= end * (1 + 1e-12))):
            raise ValueError(f"times must lie from 0 to {end:g}")
        own = set(columns) <= set(COLUMNS)
        names, curves = _curves(self, () if own else columns)
        x = np.log(np.minimum(t, self.t[-1]) + self.t[1])
        return curves(x)[:, [names.index(name) for name in columns]]

    def to_dict(self) -> dict[str, Any]:
        """Everything, in plain types for JSON."""
        return self.header() | {"columns": self.to_frame().to_dict(orient="list")}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "Trajectory":
        """The inverse of `to_dict`.  Raises TrajectoryError."""
        try:
            if data["format"] != FORMAT:
                raise ValueError(f"format {data['format']!r} is not {FORMAT}")
            parameters, columns = Parameters.from_dict(data["parameters"]), data["columns"]
            groups = None if parameters.identical or "a_1" not in columns else \
                GroupCurves.from_columns([group.size for group in parameters.neurons], columns,
                                         parameters.component_names)
            components = None if not parameters.directions else np.column_stack(
                [columns[name] for name in parameters.component_names])
            return cls(**{name: columns[name] for name in COLUMNS}, components=components,
                       status=data["status"], parameters=parameters, groups=groups,
                       rtol=data["rtol"], label=data["label"], work=data["work"],
                       versions=data["versions"])
        except KeyError as error:
            raise TrajectoryError(f"{error} is missing") from None
        except (ValueError, TypeError, AttributeError) as error:
            raise TrajectoryError(f"not a trajectory: {error}") from None

    def save(self, path: str | Path) -> None:
        """Write .json or .csv with the columns of `to_frame` (`engine.results.files`)."""
        files.write(path, self.header(), self.to_frame())

    @classmethod
    def load(cls, path: str | Path) -> "Trajectory":
        """Read what `save` wrote, to the last bit.  Raises TrajectoryError, OSError."""
        try:
            return cls.from_dict(files.read(path))
        except (ValueError, TypeError) as error:
            raise TrajectoryError(f"{Path(path).name}: {error}") from None

    def header(self) -> dict[str, Any]:
        """What made the run, in plain types for JSON."""
        return {"format": FORMAT, "label": self.label, "status": self.status.value,
                "parameters": self.parameters.as_dict(), "rtol": self.rtol,
                "truncation": self.truncation,
                "work": self.work, "versions": self.versions}


@lru_cache(maxsize=64)
def _curves(run: Trajectory, extra: tuple[str, ...]) -> tuple[list[str], "PchipInterpolator"]:
    """The names of columns and the cubics through them; `extra` are those asked for beside COLUMNS.

    In log(t + t₁), where nodes are evenly spread, so that the cubics see well-scaled slopes.
    """
    from scipy.interpolate import PchipInterpolator

    rest = run.extra_columns if extra else {}
    columns = {name: getattr(run, name) if name in COLUMNS else rest[name]
               for name in extra or COLUMNS}
    return list(columns), PchipInterpolator(np.log(run.t + run.t[1]),
                                            np.column_stack(list(columns.values())))
