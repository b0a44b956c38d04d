"""The table of the paper's figures: one row each, from which all of the page is made.

Numbers, settings and statements are those of the NeurIPS 2025 version (arXiv 2502.21269), told in
our own words.  A row says what its caption leaves open and what was chosen here for it, how it is
drawn, and which statements are checked; `Agreement` is what the checks come to, and a test holds
each row to it.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import partial

from engine import PRESETS, Parameters
from engine.limits import first_corrections
from engine.limits.curves.noise import growth_rate
from pages.paper import findings as check
from pages.paper.findings import Check
from pages.paper.runs import Found, find_thresholds, solve_covariances, solve_widths


class Agreement(Enum):
    """What the checks of a figure come to."""

    FULL = "agrees"
    PART = "agrees in part"


@dataclass(frozen=True)
class Plot:
    """One plot of a figure: curves of `runs.Y` against one of `runs.X`.

    limits   regimes whose m → ∞ curves are drawn dashed
    span     of the x axis; None: what the curves take
    extra    further lines, by name (`pictures.EXTRAS`)
    """

    x: str
    curves: tuple[str, ...]
    limits: tuple[str, ...] = ()
    span: tuple[float, float] | None = None
    extra: str = ""


@dataclass(frozen=True)
class Figure:
    """One figure of the paper.

    shows     what it is about
    caption   the settings that it gives
    chosen    what it leaves open, and what was taken here
    find      what it is drawn from, a function of `monitor`; None: stored results
    settings  one run of it, for the explorer
    script    shell lines beside those of the runs
    missing   what of it is not drawn, and why
    seconds   about how long the drawing takes where it is longer than a glance
    """

    number: int
    shows: str
    caption: str
    plots: tuple[Plot, ...]
    agreement: Agreement
    checks: tuple[Check, ...] = ()
    chosen: str = ""
    find: Callable[..., Found] | None = None
    settings: Parameters | None = None
    script: tuple[str, ...] = ()
    missing: str = ""
    seconds: float = 0.0


def _widths(p: Parameters, widths: Sequence[int], **rest) -> dict:
    """`find` and `settings` of a figure that shows one setting at many widths."""
    return {"find": partial(solve_widths, p, tuple(widths), **rest),
            "settings": p.replace(m=widths[-1])}


WIDTHS = (16, 64, 256, 1024)
"""Where the caption names none."""
OURS = f"Widths: ours, {', '.join(map(str, WIDTHS))}."
LAZY = Parameters(init="lazy", gamma0=1.0, h="quadratic")
NOISE_FIXED = Parameters(init="lazy", target="noise", alpha=0.5, tau=1.0, gamma0=1.0, h="weak",
                         train_second_layer=False)
NOISE_LAZY = Parameters(init="lazy", target="noise", tau=2.5, gamma0=1.0, h="quadratic")
LOUD = Parameters(init="lazy", tau=2.5, gamma0=1.0, h="quadratic")
NOISE = Parameters(target="noise", tau=0.6)
FEATURE = Parameters(tau=0.6)
LAZY_SETTINGS = "Lazy, γ₀ = 1, quadratic, α = τ = 0.3."
NOISE_SETTINGS = "Pure noise, mean-field, cubic, α = 0.3, τ = 0.6."
FEATURE_SETTINGS = "Mean-field, cubic, φ = σ, α = 0.3, τ = 0.6."
A0 = "a(0) = 1, as in Figures 2 and 25."
UNLEARNING = (64, 128, 256, 512, 1024)
LATE = check.leaves("Overfitting sets in at t = Θ(m), however wide the network.")
STUDY = ("python -m studies.paper_d3 --seeds 400 --d 15 30 60 100",)
FIXED = 1.0
"""The second layer of Figures 32 and 33."""
RATIOS = (16, 100, 1000)
"""Widths of Figure 32."""


def _slopes(found: Found) -> tuple[float, ...]:
    known = first_corrections(found.runs[-1].parameters)
    return known.a, known.v, known.overlap


FIGURES: tuple[Figure, ...] = (
    Figure(1, "Three regimes in one picture: test and train error, ‖a/m‖₁",
           "Single index, α = 0.3.", (Plot("t", ("e_tr", "e_ts")), Plot("t", ("a",))),
           Agreement.FULL,
           (check.three_regimes("It learns, waits, then overfits and the test error rises."),),
           "τ, h, m and the start are ours: τ = 0.6, cubic, mean-field, a(0) = 1, m = 256.",
           **_widths(FEATURE, (256,))),
    Figure(2, "Pure noise: second layer and train error wait, then the noise is memorised",
           "Pure noise, mean-field, cubic, α = 0.4, τ = 0.6; SGD with d = 200, 10 runs;"
           " m = 16 to 512.", (Plot("t", ("a",)), Plot("t", ("e_tr",))), Agreement.FULL,
           (check.later("The wider the network, the later the train error falls.", 0.5),
            check.fitted("The train error goes to zero.")),
           "a(0) = 1, as the text says.",
           missing="The symbols of SGD: the page Networks trains them (example Pure noise, as in"
                   " Fig. 2).",
           **_widths(NOISE.replace(alpha=0.4), (16, 32, 64, 128, 256, 512))),
    Figure(3, "Lazy: the train error falls while the test error stays", LAZY_SETTINGS,
           (Plot("tm", ("e_tr", "e_ts"), ("lazy-1",), (1e-2, 1e3)),
            Plot("t", ("e_tr", "e_ts"), ("lazy-2",), (1e-3, 1e2))), Agreement.FULL,
           (check.approach("Against t the train error tends to its m → ∞ curve.", "t", "e_tr",
                           (0.3, 30.0), "lazy-2"),
            check.approach("The test error tends to a constant level.", "t", "e_ts",
                           (0.3, 30.0), "lazy-2")), OURS,
           **_widths(LAZY, WIDTHS, limits=("lazy-1", "lazy-2"))),
    Figure(4, "Mean-field: a and both errors, theory beside SGD",
           "Mean-field, cubic, α = τ = 0.3; SGD with d = 200, 10 runs.",
           (Plot("t", ("a",)), Plot("t", ("e_tr", "e_ts"))), Agreement.PART, (LATE,),
           f"Widths: ours, 16 to 512. {A0}",
           missing="The symbols of SGD: the page Networks trains them (example Mean-field, as in"
                   " Fig. 4).", **_widths(Parameters(), (16, 32, 64, 128, 256, 512))),
    Figure(5, "Mean-field at t = Θ(m): γ, v, and the gap against γ",
           "None given; the contents are those of Figures 28 and 31.",
           (Plot("t/m", ("γ",), extra="γ*"), Plot("t/m", ("v",)),
            Plot("γ", ("gap",), extra="fixed gap")), Agreement.PART,
           (check.ends_at_threshold("γ ends near γ*.", 0.1), LATE),
           f"Settings of Figures 28 and 31. Widths: ours. {A0}",
           **_widths(FEATURE, UNLEARNING, asymptotic=True)),
    Figure(6, "Test of the equations, 1: the second layers stay ± alike",
           "Pure noise, τ = 1, m = 4, h = z/10 + z²/2, d = 100, n = 150, 10⁴ realisations;"
           " a = (1, 1, −1, −1), w₁ = w₃, w₂ = w₄; η = 0.1 on the left.", (), Agreement.FULL,
           chosen="400 realisations, η = 0.05; the equations extrapolated to zero step.",
           script=STUDY, missing="C_ij(t,s) and several η: the stored study keeps a and e_tr at"
                                 " four times."),
    Figure(7, "Test of the equations, 2: independent neurons",
           "As Figure 6, with a = (−1, −½, ⅓, ⅔) and independent w.", (), Agreement.FULL,
           chosen="400 realisations, η = 0.05; the equations extrapolated to zero step.",
           script=STUDY, missing="C_ij(t,s): the stored study keeps a and e_tr at four times."),
    Figure(8, "Lazy noise at t = Θ(1/m): m (C_d(t,s) − 1)",
           "Pure noise, second layer fixed, lazy, weak, α = 0.5, τ = 1.",
           (Plot("tm", ("m(C_d−1)",), ("lazy-1",), (1e-1, 1e2)),), Agreement.FULL,
           (check.approach("Widths tend to the closed form (F.6).", "tm", "m(C_d−1)",
                           (0.3, 10.0), "lazy-1"),),
           "γ₀ = 1, as in Figure 9. Widths: ours, 64 to 16,384.",
           missing="s > 0: a run keeps C_d towards its start.",
           **_widths(NOISE_FIXED, (64, 1024, 16384), limits=("lazy-1",))),
    Figure(9, "Lazy noise at t = Θ(1): C_d(t,0), and a train error that falls twice",
           "Pure noise, second layer fixed, lazy, γ₀ = 1, weak, α = 0.5, τ = 1.",
           (Plot("t", ("C_d",), ("lazy-2",), (1e-3, 1e2)),
            Plot("t", ("e_tr",), ("lazy-2",), (1e-4, 1e2)),
            Plot("tm", ("e_tr",), ("lazy-1",), (1e-2, 1e3))), Agreement.FULL,
           (check.approach("C_d(t,0) tends to its m → ∞ curve.", "t", "C_d", (0.3, 30.0),
                           "lazy-2"),
            check.approach("So does the train error.", "t", "e_tr", (0.3, 30.0), "lazy-2"),
            check.approach("Before, against t·m, it follows the first regime.", "tm", "e_tr",
                           (0.1, 10.0), "lazy-1")), OURS,
           **_widths(NOISE_FIXED, WIDTHS, limits=("lazy-1", "lazy-2"))),
    Figure(10, "The threshold α* in lazy noise, and the relaxation times below it",
           "Pure noise, weak; left γ₀ = 10/7; right three γ₀.",
           (Plot("t", ("e_tr",), span=(1e-1, 200.0)),), Agreement.PART,
           (check.exponents_near("The relaxation time diverges with the exponent ν = 2.", 2.0),),
           "τ = 1; α on the left and γ₀ = 0.7 and 1 are ours.",
           find=partial(find_thresholds, NOISE_FIXED,
                        {"γ₀ = 10/7": (10 / 7, math.inf), "γ₀ = 1": (1.0, math.inf),
                         "γ₀ = 0.7": (0.7, math.inf)}, samples=(0.2, 0.4, 0.6, 0.8), rtol=3e-2),
           settings=NOISE_FIXED.replace(gamma0=1.43, m=1024),
           script=tuple("python -m engine threshold --in alpha --init lazy"
                        f" --gamma0 {gamma0:.7g} --target noise --h weak --tau 1 --m inf"
                        " --rtol 0.03" for gamma0 in (10 / 7, 1.0, 0.7)),
           missing="The other two γ₀ of the right, which the caption does not name.", seconds=20),
    Figure(11, "Lazy noise below γ*: γ grows at t = Θ(m)",
           "Pure noise, lazy, γ₀ = 1, quadratic, α = 0.3, τ = 2.5.",
           (Plot("t/m", ("γ",), ("lazy-3",), (1e-3, 60.0), "γ*"),), Agreement.FULL,
           (check.collapse("Against t/m widths fall on one curve.", "t/m", "γ", (0.1, 30.0)),
            check.ends_at_threshold("γ ends at γ* (F.49).", 0.05)), OURS,
           **_widths(NOISE_LAZY, WIDTHS, limits=("lazy-3",), asymptotic=True)),
    Figure(12, "The same: train error against t/m, and against γ", "As Figure 11.",
           (Plot("t/m", ("e_tr",), ("lazy-3",), (1e-3, 60.0)),
            Plot("γ", ("e_tr",), extra="e_∞")), Agreement.FULL,
           (check.on_fixed_gamma("Late, a run lies on the errors reached at fixed γ (F.48).",
                                 "error"),), OURS,
           **_widths(NOISE_LAZY, WIDTHS, limits=("lazy-3",), asymptotic=True)),
    Figure(13, "Lazy with a signal: v at t = Θ(1/m), C_d(t,0) at t = Θ(1)", LAZY_SETTINGS,
           (Plot("tm", ("√m v",), ("lazy-1",), (1e-2, 1e2)),
            Plot("t", ("C_d",), ("lazy-2",), (1e-3, 1e2))), Agreement.FULL,
           (check.approach("√m v tends to the solution of (F.55).", "tm", "√m v", (0.1, 10.0),
                           "lazy-1"),
            check.approach("C_d(t,0) tends to its m → ∞ curve.", "t", "C_d", (0.3, 30.0),
                           "lazy-2")), OURS,
           **_widths(LAZY, WIDTHS, limits=("lazy-1", "lazy-2"))),
    Figure(14, "Lazy with a signal: both errors on both time scales", LAZY_SETTINGS,
           (Plot("tm", ("e_tr", "e_ts"), ("lazy-1",), (1e-2, 1e3)),
            Plot("t", ("e_tr", "e_ts"), ("lazy-2",), (1e-3, 1e2))), Agreement.FULL,
           (check.approach("At t = Θ(1/m) the test error follows the closed form.", "tm", "e_ts",
                           (0.1, 10.0), "lazy-1"),
            check.approach("At t = Θ(1) the train error tends to its m → ∞ curve.", "t", "e_tr",
                           (0.3, 30.0), "lazy-2")), OURS,
           **_widths(LAZY, WIDTHS, limits=("lazy-1", "lazy-2"))),
    Figure(15, "Test error at the end against m, for several h",
           "Lazy, φ = σ, γ₀ above γ*, α = 0.3, τ = 0.6.", (Plot("m", ("e_ts",)),), Agreement.FULL,
           (check.widths_approach("With a z² term the limit is approached from below, like"
                                  " m^−1/2, and not monotonically.", "quadratic", True, 0.5),
            check.widths_approach("Without it from above, like 1/m.", "cubic", False, 1.0)),
           "γ₀ = 1; h: cubic and quadratic; m = 4 to 16,384.",
           find=partial(solve_covariances, LAZY.replace(tau=0.6), tuple(4**k for k in range(1, 8)),
                        {name: PRESETS[name] for name in ("cubic", "quadratic")}),
           settings=LAZY.replace(tau=0.6, m=256)),
    Figure(16, "Lazy with a signal below γ*: errors at t = Θ(1) and at t = Θ(m)",
           "Lazy, γ₀ below γ*, quadratic, φ = σ, τ = 2.5.",
           (Plot("t", ("e_tr", "e_ts"), ("lazy-2",), (1e-3, 1e2)),
            Plot("t/m", ("e_tr", "e_ts"), ("lazy-3",), (1e-3, 60.0))), Agreement.FULL,
           (check.approach("At t = Θ(1) the train error tends to its m → ∞ curve.", "t", "e_tr",
                           (0.3, 30.0), "lazy-2"),
            check.collapse("Against t/m the train errors fall on one curve.", "t/m", "e_tr",
                           (0.1, 30.0)),
            check.collapse("So do the test errors.", "t/m", "e_ts", (0.1, 30.0))),
           f"α = 0.3 and γ₀ = 1 are ours. {OURS}",
           **_widths(LOUD, WIDTHS, limits=("lazy-2", "lazy-3"), asymptotic=True)),
    Figure(17, "The same: γ against t/m, and the train error against γ", "As Figure 16.",
           (Plot("t/m", ("γ",), ("lazy-3",), (1e-3, 60.0), "γ*"),
            Plot("γ", ("e_tr",), extra="e_∞")), Agreement.FULL,
           (check.ends_at_threshold("γ ends at γ* (F.82).", 0.05),
            check.on_fixed_gamma("Late, a run lies on the errors reached at fixed γ (F.81).",
                                 "error")), f"α = 0.3 and γ₀ = 1 are ours. {OURS}",
           **_widths(LOUD, WIDTHS, limits=("lazy-3",), asymptotic=True)),
    Figure(18, "Noise, mean-field, t = Θ(1): overlaps of two neurons", NOISE_SETTINGS,
           (Plot("t", ("mC_o",), ("noise-1",), (1e-1, 1e2)),), Agreement.FULL,
           (check.approach("m C_o(t,t) tends to the closed form (G.6).", "t", "mC_o", (0.1, 10.0),
                           "noise-1"),), f"{OURS} {A0}",
           missing="C_o(t,0): a run keeps C_o at equal times.",
           **_widths(NOISE, WIDTHS, limits=("noise-1",))),
    Figure(19, "Noise, mean-field, t = Θ(√m)", NOISE_SETTINGS,
           (Plot("t/√m", ("a",), ("noise-sqrt-m",), (1e-2, 10.0)),
            Plot("t/√m", ("C_d",), ("noise-sqrt-m",), (1e-2, 10.0)),
            Plot("t/√m", ("mC_o",), ("noise-sqrt-m",), (1e-1, 10.0))), Agreement.FULL,
           (check.approach("a tends to the curve of the scaling theory.", "t/√m", "a", (0.1, 10.0),
                           "noise-sqrt-m"),
            check.approach("So does C_d(t,0).", "t/√m", "C_d", (0.1, 10.0), "noise-sqrt-m")),
           f"Widths: ours, 64 to 16,384. {A0}",
           **_widths(NOISE, (64, 512, 4096, 16384), limits=("noise-sqrt-m",), t_per_m=1.0)),
    Figure(20, "Noise, mean-field, t = Θ(√m): a grows like A∞ t/√m", NOISE_SETTINGS,
           (Plot("t/√m", ("a",), ("noise-sqrt-m",), (1e-1, 100.0), "A∞"),), Agreement.FULL,
           (check.slope("Late, the slope is τ√α |E| (G.29), E = −2√(2/3)/√6 by (G.28).",
                        (("t/√m", "a"),), (10.0, 100.0), lambda found: (
                            0.6 * math.sqrt(0.3) * 2 * math.sqrt(2 / 3) / math.sqrt(6),)),
            check.level("At t/√m = 100 it is A∞ times that.", "t/√m", "a", 100.0,
                        lambda found: 100 * growth_rate(found.runs[0].parameters))), A0,
           **_widths(NOISE, (10**6,), limits=("noise-sqrt-m",), t_per_m=0.11)),
    Figure(21, "Noise, mean-field, t = Θ(m): γ", NOISE_SETTINGS,
           (Plot("t/m", ("γ",), ("noise-m",), (1e-2, 60.0), "γ*"),), Agreement.FULL,
           (check.collapse("Against t/m widths fall on one curve.", "t/m", "γ", (1.0, 30.0)),
            check.ends_at_threshold("It ends near γ*.", 0.1)), f"{OURS} {A0}",
           **_widths(NOISE, WIDTHS, limits=("noise-m",), asymptotic=True)),
    Figure(22, "The same: train error and ν", NOISE_SETTINGS,
           (Plot("t/m", ("e_tr",), ("noise-m",), (1e-2, 60.0)),
            Plot("t/m", ("ν",), ("noise-m",), (1e-2, 60.0))), Agreement.FULL,
           (check.collapse("Against t/m the train errors fall on one curve.", "t/m", "e_tr",
                           (1.0, 30.0)),), f"{OURS} {A0}",
           **_widths(NOISE, WIDTHS, limits=("noise-m",), asymptotic=True)),
    Figure(23, "The same against γ: train error and ν", NOISE_SETTINGS,
           (Plot("γ", ("e_tr",), extra="e_∞"), Plot("γ", ("ν",), extra="ν_∞")), Agreement.FULL,
           (check.on_fixed_gamma("The train error lies on what fixed γ gives (G.36).", "error"),
            check.on_fixed_gamma("So does ν, once γ is of order 1 (G.37).", "nu", 0.3)),
           f"{OURS} {A0}", **_widths(NOISE, WIDTHS, asymptotic=True)),
    Figure(24, "Mean-field, t = Θ(1): v and a", FEATURE_SETTINGS,
           (Plot("t", ("v",), ("mean-field-1",), (1e-1, 1e2)),
            Plot("t", ("a",), ("mean-field-1",), (1e-1, 1e2))), Agreement.FULL,
           (check.approach("v tends to the flow (2.10).", "t", "v", (0.1, 10.0), "mean-field-1"),
            check.approach("So does a.", "t", "a", (0.1, 10.0), "mean-field-1")), f"{OURS} {A0}",
           **_widths(FEATURE, WIDTHS, limits=("mean-field-1",))),
    Figure(25, "Mean-field: both errors against t and against t/m",
           f"{FEATURE_SETTINGS[:-1]}, a(0) = 1.",
           (Plot("t", ("e_tr", "e_ts"), ("mean-field-1",)), Plot("t/m", ("e_tr", "e_ts"))),
           Agreement.PART,
           (check.approach("At t = Θ(1) the test error tends to the flow (2.10).", "t", "e_ts",
                           (0.1, 10.0), "mean-field-1"),
            check.ends_on_plateau("At the end it is at the level of a second layer fixed at γ*."),
            LATE), "Widths: ours, 64 to 1024.",
           **_widths(FEATURE, UNLEARNING, limits=("mean-field-1",), asymptotic=True)),
    Figure(26, "First corrections at finite width: m (a − a∞) and m (v − v∞)", FEATURE_SETTINGS,
           (Plot("t", ("δa",), span=(0.0, 20.0), extra="slopes"),
            Plot("t", ("δv",), span=(0.0, 20.0), extra="slopes")), Agreement.FULL,
           (check.collapse("Widths fall on one curve.", "t", "δa", (1.0, 20.0)),
            check.collapse("So they do for v.", "t", "δv", (1.0, 20.0))),
           f"Widths: ours, 64 to 4096. {A0}",
           missing="The solution of (G.56–G.59): drawn are its late slopes.",
           **_widths(FEATURE, (64, 512, 4096), t_end=20.0, rtol=1e-4, fine=True)),
    Figure(27, "First corrections at later times: they grow linearly", FEATURE_SETTINGS,
           (Plot("t", ("δa",), span=(0.0, 400.0), extra="slopes"),
            Plot("t", ("δv",), span=(0.0, 400.0), extra="slopes"),
            Plot("t", ("δC_o",), span=(0.0, 400.0), extra="slopes")), Agreement.FULL,
           (check.slope("The slopes are those of (G.71–G.74).",
                        (("t", "δa"), ("t", "δv"), ("t", "δC_o")), (200.0, 400.0), _slopes),),
           f"Widths: ours, 65,536 and 1,000,000. {A0}",
           missing="ν, and the solution of (G.56–G.59): drawn are its late slopes.",
           **_widths(FEATURE, (65536, 10**6), t_end=400.0, rtol=1e-4, fine=True)),
    Figure(28, "Mean-field, t = Θ(m): γ and v", FEATURE_SETTINGS,
           (Plot("t/m", ("γ",), extra="γ*"), Plot("t/m", ("v",))), Agreement.PART,
           (check.ends_at_threshold("γ ends near γ* (G.83).", 0.1), LATE),
           f"Widths: ours, 64 to 1024. {A0}", **_widths(FEATURE, UNLEARNING, asymptotic=True)),
    Figure(29, "Mean-field, t = Θ(m): √m v against γ", FEATURE_SETTINGS,
           (Plot("γ", ("√m v",), extra="1/γ"),), Agreement.FULL,
           (check.product("Late, a·v stays at 1.", (10.0, 60.0)),),
           f"Widths: ours, 64 to 512. {A0}", **_widths(FEATURE, UNLEARNING[:-1])),
    Figure(30, "Mean-field: train error against γ, test error against train error",
           FEATURE_SETTINGS, (Plot("γ", ("e_tr",), extra="Bayes"), Plot("e_tr", ("e_ts",))),
           Agreement.PART,
           (check.three_regimes("First both errors fall together, then the test error rises."),
            LATE), f"Widths: ours, 64 to 1024. {A0}", **_widths(FEATURE, UNLEARNING)),
    Figure(31, "Mean-field: the gap between the errors against γ and against t/m",
           FEATURE_SETTINGS, (Plot("γ", ("gap",), extra="fixed gap"), Plot("t/m", ("gap",))),
           Agreement.PART, (LATE,), f"Widths: ours, 64 to 1024. {A0}",
           **_widths(FEATURE, UNLEARNING, asymptotic=True)),
    Figure(32, "Fixed a = 1, noise: the threshold in n/d",
           "Pure noise, a = 1 for ever, weak, τ = 1.", (), Agreement.FULL,
           (check.threshold_near("n/d tends to about 1.18 as m grows.", 1.18),
            check.exponents_near("The relaxation time diverges with an exponent near 2.", 2.0),
            check.relaxes_like_m("As near to the threshold it grows in proportion to m.")),
           "m = 16, 100 and 1000 are ours; n/d = α*·m.",
           find=partial(find_thresholds, NOISE_FIXED,
                        {f"m = {m}": (FIXED / math.sqrt(m), m) for m in RATIOS}),
           settings=Parameters(target="noise", tau=1.0, h="weak", m=50, alpha=0.02,
                               train_second_layer=False, t_max=50_000.0),
           script=tuple(f"python -m engine threshold --in alpha --init mean-field --a0 1"
                        f" --target noise --h weak --tau 1 --m {m} --rtol 0.01" for m in RATIOS),
           missing="m = ∞ at fixed n/d: the equations (H.7–H.14) are not in the engine."),
    Figure(33, "Fixed a = 1, noise: widths at one n/d", "Pure noise, a = 1 for ever, weak, τ = 1.",
           (Plot("t/m", ("e_tr",)), Plot("t/m", ("C_d",))), Agreement.FULL,
           (check.collapse("Against t/m the train errors fall on one curve.", "t/m", "e_tr",
                           (0.1, 30.0)),
            check.collapse("So do the C_d(t,0).", "t/m", "C_d", (0.1, 30.0))),
           "n/d = 1; m = 8, 25 and 100 are ours.",
           missing="m = ∞ at fixed n/d: the equations (H.7–H.14) are not in the engine.",
           **(_widths(Parameters(target="noise", tau=1.0, h="weak", train_second_layer=False),
                      (8, 25, 100), n_over_d=1.0)
              | {"settings": Parameters(target="noise", tau=1.0, h="weak", m=100, alpha=0.01,
                                        train_second_layer=False)})),
)
"""All figures, in the paper's order."""
