"""The parameters of a run: one table, one validated and frozen class.

`TABLE` is the only place where a parameter's symbol, meaning, range and default are
written.  Widgets, links, the command line, validation and the help pages all read it.
"""

import math
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np

from engine.activations import FUNCTIONS, expand, target_coefficients
from engine.covariance import Covariance, in_product, of_directions, of_function, polynomial
from engine.directions import DirectionsField, StartField, Terms, component_names, count, degree
from engine.fields import Field, ParameterError
from engine.neurons import (
    BETWEEN,
    MOST_GROUPS,
    USUAL_GROUPS,
    Group,
    GroupsField,
    OverlapsField,
    check_overlaps,
    quantile_groups,
    resized,
    sign_groups,
)

PRESETS = {
    "cubic": (0.0, 0.9, 0.0, 1 / 6),
    "quadratic": (0.0, 0.9, 0.5),
    "weak": (0.0, 0.3, 0.5),
}
"""The covariances h(q) = Σ_k h_k q^k of the paper's figures."""

T_MAX_PER_M = 60.0
"""Default horizon t_max/m: long enough for the overfitting regime t = Θ(m) to unfold."""


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
            f" (h_0 = 0); or a preset: {', '.join(PRESETS)}.",
            "coefficients", PRESETS["cubic"], 0.0, 100.0, named=PRESETS, least_sum=1e-3,
        ),
        Field(
            "activation", "σ(x)", "Activation function",
            "σ as a plain function, centred, in place of h. Left out: h says all that is needed of"
            " σ.",
            "choice", None, choices=tuple(FUNCTIONS),
        ),
        Field(
            "phi", "f_k", "Target coefficients",
            "Hermite coefficients f_k of φ, from k = 0 (f_0 = 0). Left out, the target is the"
            " activation itself: φ = σ, f_k = √h_k.",
            "coefficients", None, -10.0, 10.0,
        ),
        Field(
            "target_function", "φ(x)", "Target function",
            "φ as a plain function, centred, in place of its coefficients. Left out: φ = σ, or as"
            " the coefficients say.",
            "choice", None, choices=tuple(FUNCTIONS),
        ),
        DirectionsField(
            "directions", "c_n", "Several directions",
            "Hermite coefficients of y = φ(Uᵀx) with up to 3 directions, n:c_n with commas between;"
            " n has the degree in each direction: 10:0.8,01:0.4. Or additive (two directions, one"
            " half as strong), product (z₁z₂), staircase (z₁ + z₁z₂). Left out: one direction.",
            "directions", None, -10.0, 10.0,
        ),
        StartField(
            "v0", "v(0)", "Overlap at the start",
            "Mean-field only: ⟨w, u⟩ of every neuron at the start, a number for each direction."
            " Left out: 0.",
            "start", None, 0.0, 0.99,
        ),
        Field(
            "normalise", "sd", "Unit variance",
            "On: activation and target function are divided by their standard deviations under"
            " N(0, 1).",
            "flag", False, off="--plain",
        ),
        Field(
            "train_second_layer", "ȧ", "Train the second layer",
            "Off: a stays at its initial value and only the first layer moves.",
            "flag", True, off="--freeze-second-layer",
        ),
        Field(
            "weight_decay", "λ", "Weight decay λ",
            "Of the second layer: gradient flow on R̂ + (λ/2) Σ (a_i/m)², whose penalty is λγ²/2 for"
            " identical neurons. Counts at t = Θ(m), whatever the width.",
            "real", 0.0, 0.0, 100.0, unit="1",
        ),
        Field(
            "t_max", "t_max", "Horizon t_max",
            f"Training time to reach. Left out: {T_MAX_PER_M:.0f} m, which shows all regimes.",
            "real", None, 1e-6, 1e11, "log", unit="time",
        ),
        Field(
            "spread", "sd a/a₀", "Spread of the second layer",
            "Standard deviation of a(0) over the neurons, relative to a₀ or γ₀√m. 0: neurons are"
            " identical (SymmDMFT).",
            "real", 0.0, 0.0, 0.5,
        ),
        Field(
            "start_d", "d", "Dimension of the start",
            "⟨w, u⟩ starts as in dimension d, with standard deviation 1/√d over the neurons. Left"
            " out: d = ∞, neurons are identical (SymmDMFT).",
            "integer", None, 20, 1_000_000, "log",
        ),
        GroupsField(
            "groups", "p", "Groups of neurons",
            "Quantile groups into which a spread or a dimension divides the neurons (left out:"
            f" {USUAL_GROUPS}); or the groups one by one, SIZE:FACTOR[:V0[:SIGN]],...: neurons,"
            " factor on a₀ or γ₀√m, ⟨w, u⟩ and sign of a at the start.",
            "groups", None, 1, MOST_GROUPS,
        ),
        OverlapsField(
            "overlaps", "C_gl(0,0)", "Overlaps at the start",
            "Overlaps between two different neurons of each pair of groups. Left out: v_g v_l,"
            " neurons are independent beyond u.",
            "overlaps", None, -1.0, 1.0,
        ),
    )
}

QUIET = ("normalise", "weight_decay", "spread")
"""Fields that are not written down where they have their default, which changes nothing."""

_LATER: Any = None
"""Default of a field that another one decides; a number once the object is made."""


@dataclass(frozen=True)
class Parameters:
    """Validated settings of one run (see `TABLE` for meanings, ranges and defaults).

    Only one of gamma0 (lazy) and a0 (mean-field) is set; the other is None.  So it is with h and
    activation; of phi, target_function and directions one at most is set.  h may be given as a
    preset's name.  Numbers are kept to 12 significant digits, so that equal settings compare and
    hash equal however they were computed.

    Raises ParameterError.
    """

    init: str = TABLE["init"].default
    alpha: float = TABLE["alpha"].default
    tau: float = TABLE["tau"].default
    m: int = TABLE["m"].default
    gamma0: float = _LATER
    a0: float = _LATER
    target: str = TABLE["target"].default
    h: tuple[float, ...] = _LATER
    activation: str | None = None
    phi: tuple[float, ...] | None = None
    target_function: str | None = None
    directions: Terms | None = None
    v0: tuple[float, ...] | None = None
    normalise: bool = TABLE["normalise"].default
    train_second_layer: bool = TABLE["train_second_layer"].default
    weight_decay: float = TABLE["weight_decay"].default
    t_max: float = _LATER
    spread: float = TABLE["spread"].default
    start_d: int | None = None
    groups: int | tuple[Group, ...] | None = None
    overlaps: tuple[tuple[float, ...], ...] | None = None

    def __post_init__(self) -> None:
        put = lambda name, value: object.__setattr__(self, name, value)  # noqa: E731
        for name in ("init", "target"):
            put(name, TABLE[name].check(getattr(self, name)))
        used, unused = ("gamma0", "a0") if self.init == "lazy" else ("a0", "gamma0")
        if getattr(self, unused) is not None:
            raise ParameterError(
                unused, f"is not used with init = {self.init}", getattr(self, unused),
                f"Leave {unused} out, or set {used} instead.",
            )
        if getattr(self, used) is None:
            put(used, TABLE[used].default)
        if self.t_max is None:
            put("t_max", T_MAX_PER_M * TABLE["m"].check(self.m))
        self._check_functions()
        if self.h is None and self.activation is None:
            put("h", TABLE["h"].default)
        for name in ("alpha", "tau", "m", used, "t_max", "train_second_layer", "normalise",
                     "weight_decay"):
            put(name, TABLE[name].check(getattr(self, name)))
        for name in ("h", "activation", "phi", "target_function", "directions", "v0", "spread",
                     "start_d", "groups", "overlaps"):
            if getattr(self, name) is not None:
                put(name, TABLE[name].check(getattr(self, name)))
        if self.weight_decay and not self.train_second_layer:
            raise ParameterError("weight_decay", "is not used with a frozen second layer",
                                 self.weight_decay, "Leave it out, or train the second layer.")
        self._check_start()
        self._check_neurons()

    def _check_functions(self) -> None:
        """σ is said by h or by activation, φ by one of phi, target_function and directions or not
        at all."""
        for name in ("phi", "target_function", "directions", "v0"):
            if self.target == "noise" and getattr(self, name) is not None:
                raise ParameterError(name, "is not used with target = noise", getattr(self, name),
                                     f"Leave {name} out, or set target to single-index.")
        for name, function in (("h", "activation"), ("phi", "target_function"),
                               ("phi", "directions"), ("target_function", "directions")):
            if getattr(self, name) is not None and getattr(self, function) is not None:
                raise ParameterError(name, f"is not used with {function}", getattr(self, name),
                                     f"Leave one of {name} and {function} out.")
        if self.normalise is True and self.activation is None and self.target_function is None:
            raise ParameterError("normalise", "is not used without activation or target_function",
                                 self.normalise, "Leave normalise out, or give one of them.")

    def _check_start(self) -> None:
        """v(0) has a number for each direction, and is said in one way."""
        if self.v0 is not None and len(self.v0) != self.k:
            raise ParameterError("v0", f"must have a number for each of the {self.k} directions",
                                 self.v0, f"For instance {','.join(['0.1'] * self.k)}.")
        if self.v0 is not None and not any(self.v0):
            object.__setattr__(self, "v0", None)
        if self.v0 is not None and self.init == "lazy":
            raise ParameterError("v0", "is not used with init = lazy, whose output would be of"
                                 " order √m from the start", self.v0, "Leave v0 out.")
        own = [g.v0 for g in self.groups if g.v0] if isinstance(self.groups, tuple) else []
        if any(np.size(v) != self.k for v in own):
            raise ParameterError("groups", f"a v0 must have a number for each of the {self.k}"
                                 " directions", TABLE["groups"].write(self.groups),
                                 f"For instance 64:1:{BETWEEN.join(['0.1'] * self.k)}.")
        if self.v0 is not None and (self.start_d is not None or own or self.overlaps is not None):
            raise ParameterError("v0", "is not used with start_d, overlaps or groups that have a"
                                 " v0", self.v0, "Leave v0 out.")
        if self.directions is not None and self.overlaps is not None:
            raise ParameterError("overlaps", "is not used with several directions", self.overlaps,
                                 "Leave overlaps out.")

    def _check_neurons(self) -> None:
        """One of spread, start_d and explicit groups says how neurons differ; without, a number
        of groups means nothing and is dropped."""
        groups = self.groups if isinstance(self.groups, tuple) else None
        explicit = groups is not None
        for name, unused in (("spread", self.start_d is not None or explicit),
                             ("start_d", explicit)):
            if unused and getattr(self, name) not in (0, None):
                raise ParameterError(
                    name, "is not used with " + ("explicit groups" if explicit else "start_d"),
                    getattr(self, name), f"Leave {name} out.")
        if groups is not None and sum(g.size for g in groups) != self.m:
            raise ParameterError("groups", f"must have sizes that add up to m = {self.m}",
                                 TABLE["groups"].write(self.groups), "Change a size, or m.")
        if not explicit:
            number = (self.groups or USUAL_GROUPS) if self.spread or self.start_d else None
            if number == 1:
                raise ParameterError("groups", "must be 2 or more for neurons that differ", 1,
                                     "Try 4.")
            if self.directions and self.start_d:
                number = self._check_sign_groups()
            object.__setattr__(self, "groups", number if number is None else min(number, self.m))
        if self.overlaps is None:
            return
        if self.identical:
            raise ParameterError("overlaps", "is not used without groups", self.overlaps,
                                 "Leave overlaps out, or give groups.")
        check_overlaps(self.neurons, np.array(self.overlaps))

    def _check_sign_groups(self) -> int:
        """2^k, the groups in which neurons start with signs of their own in each direction."""
        count = 2**self.k
        if self.m < count:
            raise ParameterError("start_d", f"needs m of {count} or more with {self.k} directions",
                                 self.start_d, f"Leave start_d out, or take m = {count}.")
        if self.groups not in (None, count):
            raise ParameterError("groups", f"must be {count} for neurons that start as in dimension"
                                 f" d with {self.k} directions", self.groups, "Leave groups out.")
        return count

    @property
    def identical(self) -> bool:
        """Do all neurons start alike?  They then stay so, and SymmDMFT describes them."""
        return self.groups is None

    @property
    def alike(self) -> "Parameters":
        """The same settings with identical neurons."""
        return self.replace(spread=0.0, start_d=None, groups=None, overlaps=None)

    @property
    def neurons(self) -> tuple[Group, ...]:
        """The groups of alike neurons; one when all are identical."""
        if isinstance(self.groups, tuple):
            return self.groups
        if self.groups is None:
            return (Group(self.m),)
        if self.directions and self.start_d:
            return sign_groups(self.m, self.k, self.start_d**-0.5)
        return quantile_groups(self.m, self.groups, self.spread,
                               self.start_d**-0.5 if self.start_d else 0.0)

    @property
    def k(self) -> int:
        """The number of directions of the target."""
        return 1 if self.directions is None else count(self.directions)

    @property
    def v_start(self) -> np.ndarray:
        """v(0) of a neuron of each group, (groups, k)."""
        own = [np.broadcast_to(self.v0 or group.v0, (self.k,)) for group in self.neurons]
        return np.array(own, dtype=float)

    @property
    def component_names(self) -> tuple[str, ...]:
        """v1 … vk of several directions, the columns beside v; none of one direction."""
        return component_names(self.k) if self.directions else ()

    @property
    def beyond(self) -> tuple[str, str, Any] | None:
        """What keeps a run from what is known for one direction and v(0) = 0 alone: field, rule and
        value for a ParameterError; None where nothing does."""
        if self.directions is not None:
            return ("directions", "must be left out: this is known for one direction alone",
                    TABLE["directions"].write(self.directions))
        if self.v0 is not None:
            return "v0", "must be left out: this is known for v(0) = 0 alone", self.v0
        return None

    @property
    def a_start(self) -> float:
        """a(0) = a₀, which is γ₀√m in the lazy case."""
        return self.gamma0 * math.sqrt(self.m) if self.init == "lazy" else self.a0

    @property
    def activation_coefficients(self) -> tuple[float, ...]:
        """The Hermite coefficients s_k of σ, up to where they are cut; √h_k if h is given."""
        if self.activation is None:
            return tuple(math.sqrt(h_k) for h_k in self.h)
        return expand(self.activation, self.normalise).coefficients

    @property
    def target_coefficients(self) -> tuple[float, ...]:
        """The Hermite coefficients f_k of φ; of several directions f_k² is the sum of c_n² over
        |n| = k."""
        if self.target == "noise":
            return (0.0,)
        if self.directions is not None:
            squares = [0.0] * (degree(self.directions) + 1)
            for n, c in self.directions:
                squares[sum(map(int, n))] += c**2
            return tuple(map(math.sqrt, squares))
        if self.target_function is not None:
            return target_coefficients(self.target_function, self.normalise)
        return self.activation_coefficients if self.phi is None else self.phi

    @property
    def covariance(self) -> Covariance:
        """h(q) = Σ s_k² q^k and φ̂(q) = Σ s_k f_k q^k; φ̂ = 0 for noise."""
        if self.directions is not None:
            return of_directions(self._along_u, self.activation_coefficients, self.directions)
        return self._along_u

    @property
    def _along_u(self) -> Covariance:
        if self.activation is not None:
            return of_function(self.activation, self.normalise, self.target_coefficients,
                               self.phi_norm2)
        if self.matched:
            return polynomial(self.h, self.h)
        return polynomial(self.h, in_product(self.activation_coefficients,
                                             self.target_coefficients))

    @property
    def matched(self) -> bool:
        """Is the target the activation itself?"""
        return self.target != "noise" and self.phi is None and self.directions is None and \
            self.target_function in (None, self.activation)

    @property
    def phi_norm2(self) -> float:
        """‖φ‖² = Σ f_k²: the variance of the noiseless labels."""
        if self.target == "noise":
            return 0.0
        if self.directions is not None:
            return sum(c**2 for _, c in self.directions)
        function = self.target_function or (self.activation if self.phi is None else None)
        if function is not None:
            return expand(function, self.normalise).variance
        return sum(self.h) if self.phi is None else sum(f_k**2 for f_k in self.phi)

    @property
    def reduced_noise(self) -> float:
        """τ'² = τ² + ‖φ‖² − ‖∇φ̂(0)‖²/h'(0): what the best linear fit leaves unexplained."""
        return self.tau**2 + self.phi_norm2 - self.covariance.linear_variance

    @property
    def bayes_error(self) -> float:
        """τ²/2, which no predictor can beat."""
        return self.tau**2 / 2

    @property
    def null_error(self) -> float:
        """(τ² + ‖φ‖²)/2, the error of f = 0."""
        return (self.tau**2 + self.phi_norm2) / 2

    def replace(self, **changes: Any) -> "Parameters":
        """A copy with some fields changed; a default t_max follows a change of m, and so do groups
        given one by one.

        Changing init drops v(0) and the other initialisation's scale unless given, h and activation
        drop each other, and so do phi, target_function and directions; other directions drop v(0),
        and a frozen second layer drops its decay.
        """
        values = {f.name: getattr(self, f.name) for f in fields(self)} | changes
        if "t_max" not in changes and self.t_max == T_MAX_PER_M * self.m:
            values["t_max"] = None
        if "groups" not in changes and isinstance(self.groups, tuple):
            values["groups"] = resized(self.groups, values["m"])
        if changes.get("init", self.init) != self.init:
            for name in ("gamma0", "a0", "v0"):
                values[name] = changes.get(name)
        for alternatives in (("h", "activation"), ("phi", "target_function", "directions")):
            for name in alternatives:
                for dropped in alternatives:
                    if changes.get(name) is not None and dropped not in (name, *changes):
                        values[dropped] = None
        if values["directions"] != self.directions:
            values["v0"] = changes.get("v0")
            if "groups" not in changes and isinstance(values["groups"], tuple):
                values["groups"] = tuple(group._replace(v0=0.0) for group in values["groups"])
        if not values["train_second_layer"]:
            values["weight_decay"] = changes.get("weight_decay", 0.0)
        if values["activation"] is None and values["target_function"] is None:
            values["normalise"] = changes.get("normalise", False)
        return Parameters(**values)

    def as_dict(self) -> dict[str, Any]:
        """Plain values for JSON, without the fields that are None and those of `QUIET`."""
        return {k: _plain(v) for k, v in asdict(self).items()
                if v is not None and (k not in QUIET or v != TABLE[k].default)}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> "Parameters":
        """The inverse of `as_dict`.  Raises ParameterError on unknown names too."""
        known = {f.name for f in fields(cls)}
        for name, value in values.items():
            if name not in known:
                raise ParameterError(str(name), "is not a parameter", value,
                                     f"Use one of {', '.join(sorted(known))}.")
        return cls(**values)


def _plain(value: Any) -> Any:
    return [_plain(x) for x in value] if isinstance(value, tuple) else value


def preset_name(h: tuple[float, ...]) -> str | None:
    """The name of the preset that has these coefficients, or None."""
    return TABLE["h"].name_of(h)
