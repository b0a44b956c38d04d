"""Settings worth seeing, each with one line of why."""

from dataclasses import dataclass

from dashboard.links import Settings
from engine import Parameters

CUSTOM = "Custom"


@dataclass(frozen=True)
class Preset:
    """Named settings and the reason to look at them."""

    name: str
    why: str
    settings: Settings


def _preset(name: str, why: str, **parameters) -> Preset:
    return Preset(name, why, Settings(Parameters(**parameters)))


ALL = (
    _preset("Learn, then overfit",
            "Mean-field: the features are learnt by t ≈ 15, overfitting needs t = Θ(m)."),
    _preset("Lazy above the threshold",
            "γ₀ > γ*: the train error reaches zero at t = Θ(1) and the second layer hardly moves.",
            init="lazy", gamma0=1.0, m=1024, h="quadratic"),
    _preset("Lazy below the threshold",
            "γ₀ < γ*: the train error stays up until, at t = Θ(m), the second layer has grown.",
            init="lazy", gamma0=0.1, m=1024),
    _preset("Nothing to learn",
            "Pure noise: all that the network does is to memorise, with the extra scale √m.",
            target="noise", tau=1.0, m=1024),
    _preset("No noise, no harm",
            "τ = 0: interpolating the training data costs no test error.", tau=0.0),
    _preset("Frozen second layer",
            "Without the growth of a the network learns the features and hardly overfits.",
            train_second_layer=False),
    _preset("Failure: too narrow",
            "m = 8: the two time scales overlap, and overfitting cuts feature learning short.",
            m=8),
    _preset("Failure: plenty of data",
            "α = 3: the gap never opens within the horizon; there is no overfitting to see.",
            alpha=3.0),
    _preset("Open question: does it ever leave?",
            "At m = 1024 and τ = 0.6 the plateau outlasts the horizon; compare m = 512.",
            m=1024, tau=0.6),
)
PRESETS_BY_NAME = {preset.name: preset for preset in ALL}


def preset_of(settings: Settings) -> str:
    """The name of the preset with these settings, or CUSTOM."""
    return next((p.name for p in ALL if p.settings == settings), CUSTOM)
