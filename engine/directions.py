"""Targets of up to three directions: y = φ(Uᵀx) + noise, U with k orthonormal columns.

    φ(z) = Σ_n c_n Π_i He_{n_i}(z_i),   n = (n_1 … n_k) with |n| = Σ n_i ≥ 1,   ‖φ‖² = Σ c_n²

with normalised He.  A neuron's field g with E g z_i = v_i sees of it (theory: φ̂ of section 1)

    φ̂(v) = E σ(g) φ(z) = Σ_n c_n s_|n| √(|n|!/Π n_i!) Π v_i^{n_i}

because He_N(⟨w, z⟩) = Σ_{|n|=N} √(N!/Π n_i!) Π w_i^{n_i} He_{n_i}(z_i) for a unit vector w.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.fields import Field, ParameterError, canonical

MOST_DIRECTIONS, MOST_DEGREE, MOST_TERMS = 3, 4, 10

Terms = tuple[tuple[str, float], ...]
"""(n as digits, coefficient), lowest degree first."""

NAMED: dict[str, Terms] = {
    "additive": (("10", 0.9), ("01", 0.45), ("30", 0.4), ("03", 0.2)),
    "product": (("11", 1.0),),
    "staircase": (("10", 1.0), ("11", 1.0)),
}
"""Two directions of which one counts twice as much; z₁z₂; z₁ + z₁z₂."""


@dataclass(frozen=True)
class DirectionsField(Field):
    """A row that holds c_n; as text n:c_n with commas between, or a name of `NAMED`."""

    def write(self, value: Any) -> str:
        name = next((name for name, terms in NAMED.items() if _ordered(terms) == value), None)
        return name or ",".join(f"{n}:{c:.12g}" for n, c in value)

    def check(self, value: Any) -> Terms:
        """The terms in order, without those that are 0.  Raises ParameterError."""
        if isinstance(value, str):
            if value not in NAMED:
                raise self._broken(f"must be {self.allowed}, or terms n:c_n with commas between"
                                   " them", value)
            value = NAMED[value]
        if not isinstance(value, (list, tuple)) or not 1 <= len(value) <= MOST_TERMS:
            raise self._broken(f"must be 1 to {MOST_TERMS} terms n:c_n", value)
        terms = [self._term(term) for term in value]
        if len({len(n) for n, _ in terms}) > 1:
            raise self._broken("must have a digit for every direction in each term", value)
        if len({n for n, _ in terms}) < len(terms):
            raise self._broken("must name each term once", value)
        if not any(c for _, c in terms):
            raise self._broken("must have a coefficient that is not 0", value)
        return _ordered(terms)

    @property
    def allowed(self) -> str:
        return ", ".join(NAMED)

    def _term(self, term: Any) -> tuple[str, float]:
        if not isinstance(term, (list, tuple)) or len(term) != 2:
            raise self._broken("each term must be n:c_n", term)
        n, c = term
        if not (isinstance(n, str) and n.isascii() and n.isdecimal()
                and 1 <= len(n) <= MOST_DIRECTIONS and 1 <= sum(map(int, n)) <= MOST_DEGREE):
            raise self._broken(f"each n must be 1 to {MOST_DIRECTIONS} digits, the degree in each"
                               f" direction, that add up to 1 to {MOST_DEGREE}", n)
        if isinstance(c, bool) or not isinstance(c, (int, float)) or not self.low <= c <= self.high:
            raise self._broken(f"each c_n must be a number from {self.low:g} to {self.high:g}", c)
        return n, canonical(c)

    def _broken(self, rule: str, value: Any) -> ParameterError:
        return self._error(rule, value, "For instance 10:0.8,01:0.4.")

    def _parse(self, text: str) -> Any:
        if text in NAMED:
            return text
        try:
            pairs = [term.split(":") for term in text.split(",")]
            return tuple((n.strip(), float(c)) for n, c in pairs)
        except ValueError:
            return text


@dataclass(frozen=True)
class StartField(Field):
    """A row that holds v(0), one number for each direction; as text with commas between."""

    def write(self, value: Any) -> str:
        return ",".join(f"{x:.12g}" for x in value)

    def check(self, value: Any) -> tuple[float, ...]:
        """Raises ParameterError."""
        numbers = value if isinstance(value, (list, tuple)) else ()
        good = 1 <= len(numbers) <= MOST_DIRECTIONS and all(
            isinstance(x, (int, float)) and not isinstance(x, bool) for x in numbers)
        if not good or not math.hypot(*numbers) <= self.high:
            raise self._error(f"must be 1 to {MOST_DIRECTIONS} numbers, one for each direction,"
                              f" with Σ v_i² ≤ {self.high:g}²", value, "For instance 0.1,0.1.")
        return tuple(canonical(x) + 0.0 for x in numbers)

    def _parse(self, text: str) -> Any:
        try:
            return tuple(float(part) for part in text.split(","))
        except ValueError:
            return text


def _ordered(terms: Sequence[tuple[str, float]]) -> Terms:
    kept = [(n, canonical(c)) for n, c in terms if c]
    return tuple(sorted(kept, key=lambda term: (sum(map(int, term[0])), -int(term[0]))))


def count(terms: Terms) -> int:
    """k, the number of directions."""
    return len(terms[0][0])


def component_names(k: int) -> tuple[str, ...]:
    """v1 … vk, the columns of a result."""
    return tuple(f"v{i}" for i in range(1, k + 1))


def degree(terms: Terms) -> int:
    """The largest |n|."""
    return max(sum(map(int, n)) for n, _ in terms)


@dataclass(frozen=True, eq=False)
class Series:
    """Σ_t coefficient_t Π_i v_i^{power_ti}, of v of shape (k, …), and its derivatives.

    powers        (terms, k), whole numbers
    coefficients  (terms,)
    """

    powers: np.ndarray
    coefficients: np.ndarray

    def __call__(self, v: Any) -> Any:
        """Of the shape of one v_i."""
        v = np.asarray(v, dtype=float)
        factors = v[None] ** self.powers.reshape(*self.powers.shape, *(1,) * (v.ndim - 1))
        return np.tensordot(self.coefficients, factors.prod(axis=1), axes=1)

    def derivative(self, i: int) -> "Series":
        """∂/∂v_i."""
        lower = self.powers.copy()
        lower[:, i] = np.maximum(lower[:, i] - 1, 0)
        return Series(lower, self.coefficients * self.powers[:, i])

    @property
    def gradient(self) -> tuple["Series", ...]:
        """(∂/∂v_1 … ∂/∂v_k)."""
        return tuple(self.derivative(i) for i in range(self.powers.shape[1]))

    def table(self) -> np.ndarray:
        """Rows of a coefficient and its k powers, for the kernels: (terms, 1 + k)."""
        return np.ascontiguousarray(np.column_stack([self.coefficients, self.powers.astype(float)]))


def overlap_series(terms: Terms, s: Sequence[float]) -> Series:
    """φ̂ of the target `terms` for an activation with Hermite coefficients s."""
    powers = np.array([[int(digit) for digit in n] for n, _ in terms])
    weights = [c * (s[sum(n)] if sum(n) < len(s) else 0.0)
               * math.sqrt(math.factorial(sum(n)) / math.prod(map(math.factorial, n)))
               for (_, c), n in zip(terms, powers.tolist(), strict=True)]
    return Series(powers, np.array(weights))


def as_function(terms: Terms, z: Any) -> Any:
    """φ(z) for z of shape (k, …)."""
    z = np.asarray(z)
    value = np.zeros(z.shape[1:])
    for n, c in terms:
        part = np.full(z.shape[1:], c)
        for digit, z_i in zip(n, z, strict=True):
            part *= _hermite(int(digit), z_i)
        value += part
    return value


def _hermite(k: int, x: Any) -> Any:
    """He_k with E He_k² = 1."""
    basis = np.zeros(k + 1)
    basis[k] = 1 / math.sqrt(math.factorial(k))
    return np.polynomial.hermite_e.hermeval(x, basis)
