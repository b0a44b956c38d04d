"""What groups of alike neurons do in one run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations_with_replacement
from typing import Any

import numpy as np
import pandas as pd


@dataclass(frozen=True, eq=False)
class GroupCurves:
    """Curves of p groups on the nodes of a run.

    size          (p,) neurons in each group
    a, v          (nodes, p) second-layer weight and alignment ⟨w, u⟩ of a neuron of the group
    displacement  (nodes, p) ‖w(t) − w(0)‖
    overlap       (nodes, p, p) C_gl(t,t) of two different neurons; 0 where a group has only one
    components    (nodes, p, k) v_1 … v_k where the target has several directions; v is then ‖v‖
    Arrays are read-only.
    """

    size: np.ndarray
    a: np.ndarray
    v: np.ndarray
    displacement: np.ndarray
    overlap: np.ndarray
    components: np.ndarray | None = None

    def __post_init__(self) -> None:
        for name in self.__dataclass_fields__:
            if getattr(self, name) is None:
                continue
            array = np.array(getattr(self, name))
            array.flags.writeable = False
            object.__setattr__(self, name, array)

    def __len__(self) -> int:
        return len(self.size)

    def mean(self, values: np.ndarray) -> np.ndarray:
        """Over all neurons, of values (…, p)."""
        return values @ self.size / self.size.sum()

    def sd(self, values: np.ndarray) -> np.ndarray:
        """Standard deviation over all neurons, of values (…, p)."""
        return np.sqrt(self.mean((values - self.mean(values)[..., None]) ** 2))

    def columns(self) -> dict[str, np.ndarray]:
        """a_1, v_1, displacement_1, a_2, … and overlap_1_1, overlap_1_2, …, each (nodes,)."""
        table = {f"{name}_{g + 1}": getattr(self, name)[:, g]
                 for g in range(len(self)) for name in ("a", "v", "displacement")}
        if self.components is not None:
            table |= {f"v{i + 1}_{g + 1}": self.components[:, g, i] for g in range(len(self))
                      for i in range(self.components.shape[2])}
        return table | {f"overlap_{g + 1}_{l + 1}": self.overlap[:, g, l] for g, l in
                        combinations_with_replacement(range(len(self)), 2)}

    @classmethod
    def from_columns(cls, size: Any, columns: Mapping[str, Any] | pd.DataFrame,
                     names: Sequence[str] = ()) -> "GroupCurves":
        """The inverse of `columns`; names are v1 … vk of several directions.  Raises KeyError."""
        count = len(size)
        each = lambda name: np.column_stack(  # noqa: E731
            [columns[f"{name}_{g + 1}"] for g in range(count)])
        overlap = np.zeros((len(columns["a_1"]), count, count))
        for g, l in combinations_with_replacement(range(count), 2):
            overlap[:, g, l] = overlap[:, l, g] = columns[f"overlap_{g + 1}_{l + 1}"]
        components = np.stack([each(name) for name in names], axis=2) if names else None
        return cls(np.array(size), each("a"), each("v"), each("displacement"), overlap, components)

    def to_frame(self, t: np.ndarray) -> pd.DataFrame:
        """Tidy: one row for each time and group, with t, group (from 1), size, a, v,
        displacement."""
        nodes, count = self.a.shape
        return pd.DataFrame({
            "t": np.repeat(t, count), "group": np.tile(np.arange(1, count + 1), nodes),
            "size": np.tile(self.size, nodes), "a": self.a.ravel(), "v": self.v.ravel(),
            "displacement": self.displacement.ravel()})
