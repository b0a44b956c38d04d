"""The parameters of a run: one table, one validated and frozen class.

`TABLE` is the only place where a parameter's symbol, meaning, range and default are
written.  Widgets, links, the command line, validation and the help pages all read it.
"""

import math
from dataclasses import asdict, dataclass, fields
from numbers import Integral, Real
from typing import Any

from engine.covariance import Covariance, polynomial

PRESETS = {
    "cubic": (0.0, 0.9, 0.0, 1 / 6),
    "quadratic": (0.0, 0.9, 0.5),
    "weak": (0.0, 0.3, 0.5),
}
"""The covariances h(q) = Σ_k h_k q^k of the paper's figures."""

MAX_DEGREE = 8
T_MAX_PER_M = 60.0
"""Default horizon t_max/m: long enough for the overfitting regime t = Θ(m) to unfold."""


class ParameterError(ValueError):
    """A parameter breaks its rule; says which field, the rule, what was got and a fix.

    Attributes: field, rule, got, fix (all str).
    """

    def __init__(self, field: str, rule: str, got: Any, fix: str):
        self.field, self.rule, self.got, self.fix = field, rule, _short(got), fix
        super().__init__(f"{field}: {rule}; got {self.got}. {fix}")


@dataclass(frozen=True)
class Field:
    """One row of the table.

    kind is "real", "integer", "choice", "flag" or "coefficients"; low and high bound
    numbers (inclusive); scale tells a slider how to run ("linear" or "log").
    """

    name: str
    symbol: str
    label: str
    meaning: str
    kind: str
    default: Any = None
    low: float | None = None
    high: float | None = None
    scale: str = "linear"
    unit: str = "1"
    choices: tuple[str, ...] = ()

    @property
    def option(self) -> str:
        return "--" + self.name.replace("_", "-")


TABLE: dict[str, Field] = {
    f.name: f
    for f in (
        Field(
            "init", "init", "Initialisation",
            "How the second layer starts: lazy is a₀ = γ₀√m, mean-field is a₀ of order 1.",
            "choice", "mean-field", choices=("lazy", "mean-field"),
        ),
        Field(
            "alpha", "α", "Data per weight α",
            "α = n/(md): samples per first-layer weight. Small α is strong overparametrisation.",
            "real", 0.3, 0.01, 10.0, "log",
        ),
        Field(
            "tau", "τ", "Noise level τ",
            "Standard deviation of the label noise; the Bayes error is τ²/2.",
            "real", 0.3, 0.0, 5.0, unit="label",
        ),
        Field(
            "m", "m", "Width m",
            "Number of hidden neurons. Overfitting happens on the time scale t = Θ(m).",
            "integer", 128, 2, 1_000_000, "log", unit="neurons",
        ),
        Field(
            "gamma0", "γ₀", "Initial complexity γ₀",
            "Lazy only: γ = a/√m at the start. Above the threshold γ* the network interpolates"
            " without moving its second layer.",
            "real", 1.0, 0.01, 5.0, "log", unit="label",
        ),
        Field(
            "a0", "a₀", "Initial second-layer weight a₀",
            "Mean-field only: every second-layer weight starts at a₀.",
            "real", 1.0, 0.01, 10.0, "log", unit="label",
        ),
        Field(
            "target", "φ", "Target",
            "single-index: y = φ(⟨u, x⟩) + noise. noise: y is pure noise, nothing to learn.",
            "choice", "single-index", choices=("single-index", "noise"),
        ),
        Field(
            "h", "h", "Activation covariance h",
            "Coefficients of h(q) = E σ(G₁)σ(G₂) = Σ h_k q^k with E G₁G₂ = q, from k = 0"
            " (h_0 = 0); or a preset: cubic, quadratic, weak.",
            "coefficients", PRESETS["cubic"], 0.0, 100.0,
        ),
        Field(
            "phi", "f_k", "Target coefficients",
            "Hermite coefficients f_k of φ, from k = 0 (f_0 = 0). Left out, the target is the"
            " activation itself: φ = σ, f_k = √h_k.",
            "coefficients", None, -10.0, 10.0,
        ),
        Field(
            "train_second_layer", "ȧ", "Train the second layer",
            "Off: a stays at its initial value and only the first layer moves.",
            "flag", True,
        ),
        Field(
            "t_max", "t_max", "Horizon t_max",
            f"Training time to reach. Left out: {T_MAX_PER_M:.0f} m, which shows all regimes.",
            "real", None, 1e-6, 1e11, "log", unit="time",
        ),
    )
}


@dataclass(frozen=True)
class Parameters:
    """Validated settings of one run (see `TABLE` for meanings, ranges and defaults).

    Only one of gamma0 (lazy) and a0 (mean-field) is set; the other is None.  h may be
    given as a preset's name.  Numbers are kept to 12 significant digits, so that equal
    settings compare and hash equal however they were computed.

    Raises ParameterError.
    """

    init: str = TABLE["init"].default
    alpha: float = TABLE["alpha"].default
    tau: float = TABLE["tau"].default
    m: int = TABLE["m"].default
    gamma0: float | None = None
    a0: float | None = None
    target: str = TABLE["target"].default
    h: tuple[float, ...] = TABLE["h"].default
    phi: tuple[float, ...] | None = None
    train_second_layer: bool = TABLE["train_second_layer"].default
    t_max: float | None = None

    def __post_init__(self):
        put = lambda name, value: object.__setattr__(self, name, value)  # noqa: E731
        for name in ("init", "target"):
            put(name, _choice(TABLE[name], getattr(self, name)))
        used, unused = ("gamma0", "a0") if self.init == "lazy" else ("a0", "gamma0")
        if getattr(self, unused) is not None:
            raise ParameterError(
                unused, f"is not used with init = {self.init}", getattr(self, unused),
                f"Leave {unused} out, or set {used} instead.",
            )
        if getattr(self, used) is None:
            put(used, TABLE[used].default)
        if self.t_max is None:
            put("t_max", T_MAX_PER_M * _number(TABLE["m"], self.m))
        for name in ("alpha", "tau", "m", used, "t_max"):
            put(name, _number(TABLE[name], getattr(self, name)))
        put("train_second_layer", _flag(TABLE["train_second_layer"], self.train_second_layer))
        put("h", _covariance(self.h))
        put("phi", _target_coefficients(self))

    @property
    def a_start(self) -> float:
        """a(0) = a₀, which is γ₀√m in the lazy case."""
        return self.gamma0 * math.sqrt(self.m) if self.init == "lazy" else self.a0

    @property
    def covariance(self) -> Covariance:
        """h(q) = Σ h_k q^k and φ̂(q) = Σ s_k f_k q^k with s_k = √h_k; φ̂ = 0 for noise."""
        if self.target == "noise":
            return polynomial(self.h, (0.0,))
        if self.phi is None:
            return polynomial(self.h, self.h)
        return polynomial(self.h, tuple(math.sqrt(h_k) * f_k for h_k, f_k
                                        in zip(self.h, self.phi, strict=False)))

    @property
    def phi_norm2(self) -> float:
        """‖φ‖² = Σ f_k²: the variance of the noiseless labels."""
        if self.target == "noise":
            return 0.0
        return sum(self.h) if self.phi is None else sum(f_k**2 for f_k in self.phi)

    @property
    def reduced_noise(self) -> float:
        """τ'² = τ² + ‖φ‖² − φ̂'(0)²/h'(0): what the best linear fit leaves unexplained."""
        return self.tau**2 + self.phi_norm2 - self.covariance.linear_variance

    @property
    def bayes_error(self) -> float:
        """τ²/2, which no predictor can beat."""
        return self.tau**2 / 2

    @property
    def null_error(self) -> float:
        """(τ² + ‖φ‖²)/2, the error of f = 0."""
        return (self.tau**2 + self.phi_norm2) / 2

    def replace(self, **changes) -> "Parameters":
        """A copy with some fields changed; a default t_max follows a change of m.

        Changing init drops the other initialisation's scale unless it is given.
        """
        values = asdict(self) | changes
        if "t_max" not in changes and self.t_max == T_MAX_PER_M * self.m:
            values["t_max"] = None
        if changes.get("init", self.init) != self.init:
            for name in ("gamma0", "a0"):
                values[name] = changes.get(name)
        return Parameters(**values)

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON, without the fields that are None."""
        return {k: list(v) if isinstance(v, tuple) else v
                for k, v in asdict(self).items() if v is not None}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "Parameters":
        """The inverse of `as_dict`.  Raises ParameterError on unknown names too."""
        known = {f.name for f in fields(cls)}
        for name, value in values.items():
            if name not in known:
                raise ParameterError(str(name), "is not a parameter", value,
                                     f"Use one of {', '.join(sorted(known))}.")
        return cls(**values)


def preset_name(h: tuple[float, ...]) -> str | None:
    """The name of the preset that has these coefficients, or None."""
    canonical = _covariance(h)
    return next((name for name, c in PRESETS.items() if _covariance(c) == canonical), None)


def canonical(x: float) -> float:
    """x to 12 significant digits: 0.3 and 0.1 + 0.2 become one number."""
    return float(f"{float(x):.12g}")


def _short(value: Any) -> str:
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else text[:57] + "..."


def _choice(field: Field, value: Any) -> str:
    if not isinstance(value, str) or value not in field.choices:
        raise ParameterError(field.name, "must be one of " + ", ".join(field.choices), value,
                             f"Try {field.default}.")
    return value


def _flag(field: Field, value: Any) -> bool:
    if not isinstance(value, bool):
        raise ParameterError(field.name, "must be True or False", value, f"Try {field.default}.")
    return value


def _is_number(value: Any) -> bool:
    """A finite real number; True and False are none, nor is an integer too large for a float."""
    try:
        return isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value)
    except OverflowError:
        return False


def _number(field: Field, value: Any) -> float | int:
    rule = f"must be {'a whole number' if field.kind == 'integer' else 'a number'}"
    rule += f" from {field.low:g} to {field.high:g}"
    default = field.default if field.default is not None else "leaving it out"
    fix = f"Try {default}."
    if not _is_number(value):
        raise ParameterError(field.name, rule, value, fix)
    if field.kind == "integer" and not isinstance(value, Integral) and float(value) != int(value):
        raise ParameterError(field.name, rule, value, fix)
    if not field.low <= value <= field.high:
        nearest = field.low if value < field.low else field.high
        raise ParameterError(field.name, rule, value, f"The nearest allowed value is {nearest:g}.")
    return int(value) if field.kind == "integer" else canonical(value)


def _coefficients(field: Field, value: Any) -> tuple[float, ...]:
    rule = (f"must be 2 to {MAX_DEGREE + 1} numbers from {field.low:g} to {field.high:g},"
            " the first of them 0")
    fix = "For instance 0,0.9,0.5."
    if isinstance(value, str) or not hasattr(value, "__iter__"):
        raise ParameterError(field.name, rule, value, fix)
    numbers = []
    for k, c in enumerate(value):
        if k > MAX_DEGREE or not _is_number(c) or not field.low <= c <= field.high:
            raise ParameterError(field.name, rule, value, fix)
        numbers.append(canonical(c))
    if len(numbers) < 2 or numbers[0] != 0:
        raise ParameterError(field.name, rule, value, fix)
    while len(numbers) > 2 and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


def _covariance(value: Any) -> tuple[float, ...]:
    if isinstance(value, str):
        if value not in PRESETS:
            raise ParameterError("h", "must be coefficients or one of " + ", ".join(PRESETS),
                                 value, "Try cubic.")
        value = PRESETS[value]
    h = _coefficients(TABLE["h"], value)
    if sum(h) < 1e-3:
        raise ParameterError("h", "must have h(1) = Σ h_k of at least 0.001", value, "Try cubic.")
    return h


def _target_coefficients(p: Parameters) -> tuple[float, ...] | None:
    if p.phi is None:
        return None
    if p.target == "noise":
        raise ParameterError("phi", "is not used with target = noise", p.phi,
                             "Leave phi out, or set target to single-index.")
    return _coefficients(TABLE["phi"], p.phi)
