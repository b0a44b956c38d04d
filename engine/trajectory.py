"""What a run returns: the order parameters and errors over time, with all that made them."""

import json
import platform
from dataclasses import dataclass, field
from enum import Enum
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from engine.parameters import Parameters

FORMAT = 1
COLUMNS = ("t", "a", "gamma", "v", "nu", "train_error", "test_error", "first_layer_displacement",
           "second_layer_displacement", "gamma_displacement", "overlap")

# Read once: the lookup walks sys.path, which another thread may be changing
# while a run ends (Streamlit does so to import a page).
_LIBRARIES = {name: version(name) for name in ("numpy", "numba", "scipy")}


class Status(str, Enum):
    """How a run ended.  `advice` says what to do about it."""

    REACHED_T_MAX = "reached t_max"
    INTERPOLATED = "interpolated"
    CANCELLED = "cancelled"
    NODE_LIMIT = "node limit"
    STALLED = "stalled"
    DIVERGED = "diverged"

    @property
    def advice(self) -> str:
        return _ADVICE[self]

    @property
    def complete(self) -> bool:
        """True when nothing more would happen up to t_max."""
        return self in (Status.REACHED_T_MAX, Status.INTERPOLATED)


_ADVICE = {
    Status.REACHED_T_MAX: "The run reached its horizon.",
    Status.INTERPOLATED: "The train error reached zero; the curves stay at their last values.",
    Status.CANCELLED: "The run was cancelled; what was computed is kept.",
    Status.NODE_LIMIT: "The way to t_max takes more time steps than max_nodes; raise max_nodes"
                       " or rtol, or shorten t_max. The curves up to the last time are valid.",
    Status.STALLED: "The step size fell to the limit of double precision; raise rtol or shorten"
                    " t_max. The curves up to the last time are valid.",
    Status.DIVERGED: "The run left the finite numbers; take a smaller step. What was computed"
                     " before is kept.",
}


class TrajectoryError(ValueError):
    """A file does not hold a trajectory; says which file and what is wrong with it."""


@dataclass(frozen=True, eq=False)
class Trajectory:
    """Order parameters and errors on the time nodes t, all arrays of shape (nodes,).

    t                          training time, increasing, starting at 0
    a, gamma                   second-layer weight a(t) and complexity γ = a/√m
    v                          alignment ⟨w, u⟩ of every neuron with the latent direction
    nu                         Lagrange multiplier ν of ‖w‖ = 1
    train_error, test_error    e_tr (C.45) and e_ts (C.46)
    first_layer_displacement   ‖w(t) − w(0)‖ = √(2 − 2C_d(t,0))
    second_layer_displacement  |a(t) − a₀|;  gamma_displacement: |γ(t) − γ₀|
    overlap                    C_o(t,t), the overlap of two different neurons

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
    versions: dict[str, str] = field(default_factory=lambda: software_versions())

    def __post_init__(self):
        for name in COLUMNS:
            array = np.array(getattr(self, name), dtype=float)
            if array.ndim != 1 or array.shape != np.shape(self.t):
                raise ValueError(f"{name} must have the shape of t")
            array.flags.writeable = False
            object.__setattr__(self, name, array)
        object.__setattr__(self, "status", Status(self.status))

    def __len__(self) -> int:
        return len(self.t)

    @property
    def generalization_gap(self) -> np.ndarray:
        """e_ts − e_tr, shape (nodes,)."""
        return self.test_error - self.train_error

    def to_frame(self) -> pd.DataFrame:
        """A table with one row per time node and the columns of `COLUMNS`."""
        return pd.DataFrame({name: getattr(self, name) for name in COLUMNS})

    def at(self, t, columns: tuple[str, ...] = COLUMNS[1:]) -> pd.DataFrame:
        """t and columns at the given times (any shape is flattened), of the solver's order.

        Between nodes: a cubic through the values with slopes from the neighbouring nodes
        (PCHIP), so a monotone curve stays monotone.  Beyond the last node of a complete run
        the last values hold.  Raises ValueError for times outside the run.
        """
        from scipy.interpolate import PchipInterpolator

        times = np.ravel(np.asarray(t, dtype=float))
        end = np.inf if self.status is Status.INTERPOLATED else self.t[-1]
        if not np.all((times >= 0) & (times <= end * (1 + 1e-12))):
            raise ValueError(f"times must lie from 0 to {end:g}")
        values = np.column_stack([getattr(self, name) for name in columns])
        # In log(t + t₁) nodes are evenly spread, so the cubic sees well-scaled slopes.
        x = lambda s: np.log(s + self.t[1])  # noqa: E731
        inside = np.minimum(times, self.t[-1])
        frame = pd.DataFrame(PchipInterpolator(x(self.t), values, axis=0)(x(inside)),
                             columns=columns)
        frame.insert(0, "t", times)
        return frame

    def to_dict(self) -> dict[str, Any]:
        """Everything, in plain types for JSON."""
        return self._header() | {
            "columns": {name: getattr(self, name).tolist() for name in COLUMNS}}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> "Trajectory":
        """The inverse of `to_dict`.  Raises TrajectoryError."""
        try:
            if data["format"] != FORMAT:
                raise ValueError(f"format {data['format']!r} is not {FORMAT}")
            return cls(**{name: data["columns"][name] for name in COLUMNS},
                       status=data["status"], parameters=Parameters.from_dict(data["parameters"]),
                       rtol=data["rtol"], label=data["label"], work=data["work"],
                       versions=data["versions"])
        except KeyError as error:
            raise TrajectoryError(f"{error} is missing") from None
        except (ValueError, TypeError, AttributeError) as error:
            raise TrajectoryError(f"not a trajectory: {error}") from None

    def save(self, path) -> None:
        """Write .json (all in one file), or .csv with the columns of `COLUMNS`.

        A CSV has no room for settings, so they go into a companion file beside it, named
        like it with .json added.  Raises ValueError on another ending.
        """
        path = Path(path)
        if path.suffix == ".json":
            path.write_text(json.dumps(self.to_dict()))
        elif path.suffix == ".csv":
            self.to_frame().to_csv(path, index=False)
            _companion(path).write_text(json.dumps(self._header() | {"rows": len(self)}))
        else:
            raise ValueError(f"{path.name}: the name must end in .csv or .json")

    @classmethod
    def load(cls, path) -> "Trajectory":
        """Read what `save` wrote, to the last bit.  Raises TrajectoryError, OSError."""
        path = Path(path)
        header = path if path.suffix == ".json" else _companion(path)
        try:
            data = json.loads(header.read_text())
            if path.suffix == ".csv":
                frame = pd.read_csv(path)
                if len(frame) != data["rows"]:
                    raise ValueError(f"{len(frame)} rows where {header.name} has {data['rows']}")
                data["columns"] = {name: frame[name].to_list() for name in COLUMNS}
            return cls.from_dict(data)
        except FileNotFoundError as error:
            raise TrajectoryError(f"{path.name}: {error.filename} is missing") from None
        except KeyError as error:
            raise TrajectoryError(f"{path.name}: {error} is missing") from None
        except (ValueError, TypeError) as error:
            raise TrajectoryError(f"{path.name}: {error}") from None

    def _header(self) -> dict[str, Any]:
        return {"format": FORMAT, "label": self.label, "status": self.status.value,
                "parameters": self.parameters.as_dict(), "rtol": self.rtol,
                "work": self.work, "versions": self.versions}


def software_versions() -> dict[str, str]:
    """Versions of what computed a run."""
    from engine import __version__

    return {"engine": __version__, "python": platform.python_version(), **_LIBRARIES}


def _companion(path: Path) -> Path:
    return path.with_name(path.name + ".json")
