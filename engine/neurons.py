"""How the neurons of one network differ at the start: groups of alike neurons.

Identical neurons are SymmDMFT.  Any difference matters: it grows on the plateau after feature
learning, and a lazy network whose activation has a z² part learns with neurons of both signs.
"""

import json
import math
from dataclasses import dataclass
from itertools import product
from typing import Any, NamedTuple

import numpy as np
from scipy.stats import norm

from engine.directions import MOST_DIRECTIONS
from engine.fields import Field, ParameterError, canonical

BETWEEN = "/"
"""Between the numbers of a v0 of several directions."""
MOST_GROUPS = 16
"""Time grows like the third power of their number."""
USUAL_GROUPS = 4
"""Of a spread; two equal halves are a special case (they lock again above m ≈ 1000)."""
COUNT = Field("groups", "p", "Groups", "How many.", "integer", USUAL_GROUPS, 1, MOST_GROUPS)
GROUP_RULES = {
    "size": Field("groups", "m_g", "Size", "Neurons in the group.", "integer", 1, 1, 1_000_000),
    "factor": Field("groups", "a_g/a₀", "Factor", "On a₀ or γ₀√m.", "real", 1.0, 0.0, 100.0),
    "v0": Field("groups", "v_g", "Overlap", "⟨w, u⟩ at the start.", "real", 0.0, -0.99, 0.99),
    "sign": Field("groups", "±", "Sign", "Of the second layer.", "integer", 1, -1, 1),
}


class Group(NamedTuple):
    """`size` neurons that start alike: a(0) = sign × factor × a₀ (or γ₀√m), and v(0) = v0, which is
    a tuple where the target has several directions."""

    size: int
    factor: float = 1.0
    v0: float | tuple[float, ...] = 0.0
    sign: int = 1


@dataclass(frozen=True)
class GroupsField(Field):
    """A row that holds a number of groups, or the groups themselves.

    As text: 4, or SIZE:FACTOR[:V0[:SIGN]],... such as 128:0.9,128:1.1; V0 of several directions is
    0.1/0.2.
    """

    def write(self, value: Any) -> str:
        if isinstance(value, int):
            return str(value)
        return ",".join(_group_text(group) for group in value)

    def check(self, value: Any) -> int | tuple[Group, ...]:
        """A number from 1 to MOST_GROUPS, or as many groups.  Raises ParameterError."""
        if isinstance(value, str):
            raise self._error(f"must be a whole number from {self.allowed}, or groups"
                              " SIZE:FACTOR[:V0[:SIGN]] with commas between them", value,
                              "For instance 4, or 64:0.9,64:1.1.")
        if not isinstance(value, (list, tuple)):
            return COUNT.check(value)
        if not 1 <= len(value) <= MOST_GROUPS:
            raise self._error(f"must be 1 to {MOST_GROUPS} groups", value)
        return tuple(_checked(group) for group in value)

    def _parse(self, text: str) -> Any:
        if text.lstrip("+-").isdecimal():
            return int(text)
        try:
            return tuple(tuple(_number(part) for part in group.split(":"))
                         for group in text.split(","))
        except (TypeError, ValueError):
            return text


@dataclass(frozen=True)
class OverlapsField(Field):
    """A row that holds C_gl(0,0), a list of lists; as text, that list in JSON."""

    def write(self, value: Any) -> str:
        return json.dumps([list(row) for row in value])

    def check(self, value: Any) -> tuple[tuple[float, ...], ...]:
        """A symmetric matrix as tuples.  Raises ParameterError."""
        rule = "must be a symmetric table of numbers from -1 to 1, a row for each group"
        try:
            matrix = np.array(value, dtype=float)
        except (TypeError, ValueError):
            matrix = np.empty(0)
        if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1] \
                or not 1 <= len(matrix) <= MOST_GROUPS \
                or not np.all(np.abs(matrix) <= 1) or not np.allclose(matrix, matrix.T, atol=1e-12):
            raise self._error(rule, value, "For instance [[0, 0], [0, 0]].")
        return tuple(tuple(canonical(x) for x in row) for row in matrix)

    def _parse(self, text: str) -> Any:
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            return text


def _number(text: str) -> float | tuple[float, ...]:
    """Of "0.1", or of "0.1/0.2"."""
    numbers = tuple(float(part) for part in text.split(BETWEEN))
    return numbers if len(numbers) > 1 else numbers[0]


def _checked(group: Any) -> Group:
    if not isinstance(group, (list, tuple)) or not 1 <= len(group) <= len(Group._fields):
        raise ParameterError("groups", "each must be (size, factor, v0, sign), of which the last"
                             " three may be left out", group, "For instance (64, 0.9).")
    group = Group(*group)
    checked = Group(*(_by_rule(name, value) for name, value in group._asdict().items()))
    if checked.sign == 0:
        raise ParameterError("groups", "the sign of a group must be 1 or -1", group.sign, "Try 1.")
    return checked


def _by_rule(name: str, value: Any) -> Any:
    if name != "v0" or not isinstance(value, (list, tuple)):
        return GROUP_RULES[name].check(value)
    numbers = tuple(GROUP_RULES[name].check(x) + 0.0 for x in value)
    if not 1 <= len(numbers) <= MOST_DIRECTIONS \
            or not math.hypot(*numbers) <= GROUP_RULES[name].high:
        raise ParameterError("groups", f"a v0 must be 1 to {MOST_DIRECTIONS} numbers with Σ v_i² ≤"
                             f" {GROUP_RULES[name].high:g}²", value, "For instance (0.1, 0.1).")
    return numbers if any(numbers) else 0.0


def _group_text(group: Group) -> str:
    parts = [BETWEEN.join(f"{x:.12g}" for x in (part if isinstance(part, tuple) else (part,)))
             for part in group]
    while len(parts) > 2 and group[len(parts) - 1] == Group._field_defaults[
            Group._fields[len(parts) - 1]]:
        parts.pop()
    return ":".join(parts)


def quantile_groups(m: int, count: int, spread: float = 0.0, sd_v: float = 0.0
                    ) -> tuple[Group, ...]:
    """`count` groups of m neurons whose factors are quantiles of N(1, spread²), and whose v(0)
    those of N(0, sd_v²).

    The middles of `count` shares as equal as m allows, moved and rescaled so that mean and
    standard deviation over the neurons are exactly the stated ones.
    """
    sizes = np.full(count, m // count) + (np.arange(count) < m % count)
    x = norm.ppf((np.cumsum(sizes) - sizes / 2) / m)
    x -= np.average(x, weights=sizes)
    if count > 1:
        x /= np.sqrt(np.average(x**2, weights=sizes))
    factors = [1 + spread * q for q in x]
    return tuple(Group(int(size), canonical(abs(factor)), canonical(sd_v * q) + 0.0,
                       1 if factor >= 0 else -1)
                 for size, factor, q in zip(sizes, factors, x, strict=True))


def sign_groups(m: int, k: int, sd_v: float) -> tuple[Group, ...]:
    """2^k groups of m neurons, as equal as m allows, one for each choice of the signs of
    v_i = ±sd_v: in every direction the standard deviation is sd_v, and no two are correlated."""
    count = 2**k
    sizes = np.full(count, m // count) + (np.arange(count) < m % count)
    return tuple(Group(int(size), 1.0, tuple(canonical(sign * sd_v) for sign in signs))
                 for size, signs in zip(sizes, product((1, -1), repeat=k), strict=True))


def resized(groups: tuple[Group, ...], m: int) -> tuple[Group, ...]:
    """The groups at another width: shares of the neurons as before, as closely as m ≥ p allows."""
    sizes = np.array([group.size for group in groups])
    wanted = sizes / sizes.sum() * m
    sizes = np.maximum(1, np.floor(wanted)).astype(int)
    while sizes.sum() != m:  # one neuron to, or from, the group that lacks or exceeds most
        if sizes.sum() < m:
            sizes[np.argmax(wanted - sizes)] += 1
        else:
            sizes[np.argmax(np.where(sizes > 1, sizes - wanted, -np.inf))] -= 1
    return tuple(group._replace(size=int(size)) for group, size in zip(groups, sizes, strict=True))


def check_overlaps(groups: tuple[Group, ...], overlaps: np.ndarray) -> None:
    """Refuse overlaps of two different neurons that no unit vectors with these v have.

    What is left of them orthogonal to u, √(m_g m_l)(C_gl − v_g v_l) + δ_gl(1 − C_gg), must be a
    covariance.  Raises ParameterError.
    """
    size = np.array([g.size for g in groups], dtype=float)
    v = np.array([g.v0 for g in groups], dtype=float)
    if overlaps.shape != (len(size), len(size)):
        raise ParameterError("overlaps", f"must have {len(size)} rows and columns, one for each"
                             " group", overlaps.tolist(), "Leave overlaps out for independent"
                             " neurons.")
    own = np.where(size > 1, np.diagonal(overlaps), v**2)
    connected = overlaps - np.outer(v, v)
    np.fill_diagonal(connected, own - v**2)
    whole = np.sqrt(np.outer(size, size)) * connected + np.diag(1 - own)
    if own.max() > 1 or np.linalg.eigvalsh(whole).min() < -1e-9:
        raise ParameterError("overlaps", "must be those of unit vectors with the v of the groups",
                             overlaps.tolist(), "Leave overlaps out for independent neurons.")
