"""Settings worth seeing, each with one line of why.

Figures are numbered as in the NeurIPS 2025 version of the paper (arXiv 2502.21269) and open
the name where their captions give the settings.  They show many widths; a preset takes one.  Where
a mean-field caption leaves out a(0), it is 1, as in Figures 2 and 25.  No preset names Figures 1,
5 and 15: their captions leave τ and h, or γ₀ and h, open.
"""

from dataclasses import dataclass
from typing import Any

from dashboard.service.links import Settings
from engine import Parameters

CUSTOM = "Custom"


@dataclass(frozen=True)
class Preset:
    """Named settings and the reason to look at them; `pinned` is the run to compare them with."""

    name: str
    why: str
    settings: Settings
    pinned: Settings | None = None


def _preset(name: str, why: str, **parameters: Any) -> Preset:
    return Preset(name, why, Settings(Parameters(**parameters)))


_START = (
    _preset("Fig. 4: learn, then overfit",
            "Mean-field: the features are learnt by t ≈ 15, overfitting needs t = Θ(m)."),
    _preset("Lazy below the threshold",
            "γ₀ < γ*: the train error stays up until, at t = Θ(m), the second layer has grown.",
            init="lazy", gamma0=0.1, m=1024),
    _preset("No noise, no harm",
            "τ = 0: interpolating the training data costs no test error.", tau=0.0),
    _preset("Frozen second layer",
            "Without the growth of a the network learns the features and hardly overfits.",
            train_second_layer=False),
)
_PAPER = (
    _preset("Fig. 2: nothing to learn",
            "Pure noise: a and the train error wait, longer at larger m; then noise is memorised.",
            target="noise", alpha=0.4, tau=0.6, m=512),
    _preset("Figs. 3, 13, 14: lazy above γ*",
            "γ₀ > γ*: the train error reaches zero at t = Θ(1) and the second layer hardly moves.",
            init="lazy", gamma0=1.0, m=1024, h="quadratic"),
    _preset("Figs. 8, 9: noise above γ*",
            "Lazy, γ fixed at 1 > γ*: the train error falls twice, at t = Θ(1/m) and t = Θ(1).",
            init="lazy", target="noise", alpha=0.5, tau=1.0, gamma0=1.0, m=1024, h="weak",
            train_second_layer=False),
    _preset("Figs. 11, 12: noise below γ*",
            "Lazy: γ stays at 1 until t = Θ(m), then grows to γ* ≈ 1.5: the noise is fitted.",
            init="lazy", target="noise", tau=2.5, gamma0=1.0, m=1024, h="quadratic"),
    _preset("Figs. 16, 17: lazy, loud noise",
            "γ and the test error rise at t = Θ(m). The captions give h and τ; α and γ₀ are ours.",
            init="lazy", tau=2.5, gamma0=1.0, m=1024, h="quadratic"),
    _preset("Figs. 18–23: spin glass",
            "Pure noise, mean-field: at t = Θ(√m) the first layer drifts like a spherical spin"
            " glass, and a grows with it.", target="noise", tau=0.6, m=1024),
    _preset("Figs. 24–31: feature unlearning",
            "τ = 0.6: as a grows like √m, the neurons let go of the feature: v falls to 1/a.",
            tau=0.6),
    _preset("Fig. 32: frozen, n/d = 1",
            "a = 1 for ever, m = 50: below n/d ≈ 1.18 the first layer alone interpolates.",
            target="noise", tau=1.0, h="weak", m=50, alpha=0.02, train_second_layer=False,
            t_max=50_000.0),
    _preset("Fig. 32: frozen, n/d = 1.5",
            "a = 1 for ever, m = 50: above n/d ≈ 1.18 some train error stays for good.",
            target="noise", tau=1.0, h="weak", m=50, alpha=0.03, train_second_layer=False,
            t_max=50_000.0),
    _preset("Quadratic activation (section 2)",
            "h = 0.9 q + q²/2, another of the paper's activations: the same story, a dearer end.",
            h="quadratic"),
    _preset("Weak linear part (appendix H)",
            "h = 0.3 q + q²/2: less of the activation is linear, and less of the feature is"
            " unlearned.", h="weak"),
)
_WRONG = (
    _preset("Failure: linear activation",
            "h = q: a linear network learns the target but has no way to memorise noise.",
            h=(0.0, 1.0)),
    _preset("Failure: no direction to follow",
            "h has no linear part, so φ̂′(0) = 0: v stays 0 and the network only memorises.",
            h=(0.0, 0.0, 0.9, 0.1)),
    _preset("Failure: far too loud a start",
            "a₀ = 5: the first fit is nearly linear, and the features never get a chance.",
            a0=5.0),
    _preset("Failure: more noise than signal",
            "τ = 1.5: training on to the end undoes nearly half of what was learnt.", tau=1.5),
    _preset("Failure: too narrow",
            "m = 8: the two time scales overlap, and overfitting cuts feature learning short.",
            m=8),
    _preset("Failure: plenty of data",
            "α = 3: the gap never opens within the horizon; there is no overfitting to see.",
            alpha=3.0),
)
_BEYOND = (
    _preset("Plain functions: tanh",
            "The same story as with the cubic; training on to the end costs a quarter as much at"
            " most.", activation="tanh"),
    _preset("Plain functions: erf",
            "m = 16: test errors of real networks (page Networks) are within 6 % of it; cubic:"
            " 60 % off.", activation="erf", m=16, t_max=160.0),
    _preset("Plain functions: ReLU target",
            "φ ≠ σ: neurons along u cannot make a ReLU, and the best test error is twice Bayes.",
            activation="tanh", target_function="relu"),
    _preset("Two directions: one neuron for both",
            "Additive: identical neurons share one direction between u₁ and u₂, at twice the Bayes"
            " error.", directions="additive"),
    _preset("Two directions: neurons share them",
            "Additive, neurons as in d = 200: first all go between u₁ and u₂, then one group turns"
            " to u₂.", directions="additive", start_d=200),
    _preset("Two directions: product with v(0)",
            "z₁z₂, m = 1024: v = 0 is a fixed point; from v(0) = (0.3, 0.3) it is learned, slowly.",
            directions="product", v0=(0.3, 0.3), h="quadratic", m=1024),
    _preset("Two directions: staircase",
            "z₁ + z₁z₂: v₁ is learned at once and pulls v₂; unlearned, v₂ falls much further.",
            directions="staircase", h="quadratic", m=256),
    _preset("Weight decay λ = 1: no need to stop",
            "Fig. 4 with λ = 1: the feature stays, and training on for ever costs a sixth at"
            " most.", weight_decay=1.0),
    _preset("Weight decay λ = 1: lazy, then not",
            "γ₀ > γ*: the noise is fitted at once; then λ brings γ down and the feature is learnt.",
            init="lazy", gamma0=1.0, weight_decay=1.0),
    Preset("Unequal neurons: identical against 10 % spread",
           "m = 256: A, identical neurons, never leaves the plateau; B, a spread of 10 %, does.",
           Settings(Parameters(m=256, spread=0.1)), pinned=Settings(Parameters(m=256))),
    _preset("Unequal neurons: lazy, d = 200",
            "Figure 3's lazy network with neurons as in dimension 200: it learns the z² part too.",
            init="lazy", gamma0=1.0, m=64, h="quadratic", start_d=200),
    _preset("Open question: does it ever leave?",
            "At m = 1024 and τ = 0.6 the plateau outlasts the horizon; compare m = 512.",
            m=1024, tau=0.6),
)
GROUPS: dict[str, tuple[Preset, ...]] = {
    "Start here": _START, "The paper's figures": _PAPER, "What goes wrong": _WRONG,
    "Beyond the paper, and open": _BEYOND,
}
"""The examples as a visitor finds them."""
ALL = tuple(preset for group in GROUPS.values() for preset in group)
PRESETS_BY_NAME = {preset.name: preset for preset in ALL}


def preset_of(settings: Settings, pinned: Settings | None = None) -> str:
    """The name of the preset with these settings, and what it pins being pinned, or CUSTOM."""
    return next((p.name for p in ALL if p.settings == settings
                 and p.pinned in (None, pinned)), CUSTOM)


def pin(preset: Preset, before: Settings, pinned: Settings | None) -> Settings | None:
    """What is pinned once `preset` is chosen in place of `before` and `pinned`: a pair pins its own
    run, and takes it along when it goes; what a visitor has pinned himself stays."""
    leaving = PRESETS_BY_NAME.get(preset_of(before, pinned))
    return preset.pinned or (None if leaving and leaving.pinned else pinned)
