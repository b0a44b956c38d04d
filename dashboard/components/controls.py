"""The sidebar: widgets made from the parameter table, the same on every page.

    settings = controls.sidebar()          # draws the widgets, returns links.Settings

What they set is kept by `dashboard.service.visitor`.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
import streamlit as st

from dashboard.components.functions import show_functions
from dashboard.service import api, visitor
from dashboard.service.links import (
    LINEAR_ERROR,
    LINEAR_TIME,
    NEURONS,
    ROWS,
    RTOLS,
    THUMBS,
    WORDS,
    Settings,
)
from dashboard.service.presets import CUSTOM, GROUPS, PRESETS_BY_NAME, pin, preset_of
from dashboard.service.server import base
from dashboard.words.directions import meaning, target_text
from engine import PRESETS, TABLE, Parameters
from engine.activations import FUNCTIONS
from engine.directions import NAMED
from engine.dmft.scheme.settings import SOLVER
from engine.fields import Field, canonical
from engine.parameters import T_MAX_PER_M, preset_name

# Floats as t_max/m is: a slider finds its value by the text it shows, and 1,000 is not 1000.
HORIZONS = (1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 100.0, 200.0, 500.0, 1000.0)
OTHER, SAME = "custom", "the activation itself"
FIRST_PHI = (0.0, 1.0)
"""Coefficients of a custom target that none have been given for: φ(x) = x."""
SEVERAL, FIRST_DIRECTIONS = "several directions", (("10", 0.8), ("01", 0.4))
SMOOTH = [name for name, function in FUNCTIONS.items() if function.curvature]
"""Activations of which there is a theory."""
IDENTICAL, DIMENSION, SPREAD, OWN = "identical", "as in dimension d", "own spread", "own groups"
STARTS: dict[str, dict[str, Any]] = {
    IDENTICAL: {}, DIMENSION: {"start_d": 200}, SPREAD: {"spread": 0.1}}
"""How neurons may differ at the start, and what is shown first of it."""
MOST = 8
"""Groups that a slider offers: more take long."""
DIMENSIONS = tuple(sorted(k * 10**power for k in (1, 2, 3, 5) for power in range(1, 7)
                          if 20 <= k * 10**power <= 10**6))
DECAYS = (0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0, 20.0,
          50.0, 100.0)
SPREADS = (1e-4, 3e-4, 1e-3, 3e-3, 0.01, 0.02, 0.03, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5)
H_TEXT = {"cubic": "0.9 q + q³/6", "quadratic": "0.9 q + q²/2", "weak": "0.3 q + q²/2"}


def sidebar() -> Settings:
    """Draw all controls and return what they say."""
    settings = hidden()
    with st.sidebar:
        examples()
        _ways_back()
        _run(settings)
    return settings


def hidden() -> Settings:
    """The settings without their controls, for a page without a sidebar."""
    visitor.enter()
    if warnings := visitor.warnings():
        st.warning("  \n".join(warnings), icon="⚠️")
    return visitor.run()


def examples() -> None:
    """A choice of named settings; an edited preset reads "Custom"."""
    name = preset_of(visitor.run(), visitor.get("pinned"))
    # Another name is another widget: the choice follows the sliders.
    key = visitor.key(f"preset {name}")

    def chosen() -> None:
        option = st.session_state[key]
        # The heading of a group stands for its first example.
        preset = GROUPS[option][0] if option in GROUPS else PRESETS_BY_NAME.get(option)
        if preset and visitor.shown(key):
            visitor.put_run(preset.settings, pinned=pin(preset, visitor.run(),
                                                        visitor.get("pinned")))

    options = [*(option for group, presets in GROUPS.items()
                 for option in (group, *(preset.name for preset in presets))), CUSTOM]
    st.selectbox("Example", options, options.index(name), key=key, on_change=chosen,
                 format_func=lambda option: option.upper() if option in GROUPS else option,
                 help="Settings worth seeing, each with the reason. Any change makes it Custom.")
    # Of fixed height (page.css), so that no slider moves away under the visitor's hand.
    with st.container(key="why"):
        st.caption(PRESETS_BY_NAME[name].why if name in PRESETS_BY_NAME else
                   "Your own settings. The address of this page is a link to them.")


def _ways_back() -> None:
    with st.container(horizontal=True, gap="small"):
        st.button("Undo", key="undo", on_click=visitor.undo, disabled=not visitor.can_undo(),
                  icon=":material/undo:", help="Take back the last change of a setting.")
        st.button("Reset", key="reset", on_click=visitor.reset, disabled=visitor.is_default(),
                  icon=":material/restart_alt:",
                  help="Everything on all pages as on a first visit. Undo brings it back.")


def _run(settings: Settings) -> None:
    p = settings.parameters
    _choice("init")
    slider("alpha")
    slider("tau")
    slider("gamma0" if p.init == "lazy" else "a0")
    slider("m")
    neurons(p)
    _functions(p)
    if p.train_second_layer:
        _select(TABLE["weight_decay"], p.weight_decay, DECAYS)
    with st.expander("Horizon, accuracy, training"):
        _select(replace(TABLE["t_max"], label="Horizon t_max / m"), canonical(p.t_max / p.m),
                HORIZONS,
                lambda per_m: None if per_m == T_MAX_PER_M else canonical(per_m * p.m))
        _select(SOLVER["rtol"], settings.rtol, RTOLS[::-1])
        field = TABLE["train_second_layer"]
        st.toggle(field.label, p.train_second_layer, help=field.meaning,
                  **visitor.bound(field.name))


def neurons(p: Parameters) -> None:
    """Whether all neurons start alike, and how they differ."""
    kind = IDENTICAL if p.identical else OWN if isinstance(p.groups, tuple) else \
        DIMENSION if p.start_d else SPREAD
    options = [*STARTS, *([OWN] if kind == OWN else [])]
    # Another start is another widget: the choice follows links and examples.
    key = visitor.key(f"neurons {kind}")

    def chosen() -> None:
        if visitor.shown(key):
            visitor.put(**neurons_like(STARTS.get(st.session_state[key], {})))

    st.radio("Neurons", options, options.index(kind), key=key, on_change=chosen,
             format_func=lambda name: "identical (d = ∞)" if name == IDENTICAL else name,
             help="Identical neurons stay so: SymmDMFT. As in dimension d: ⟨w, u⟩ starts with"
                  " standard deviation 1/√d, as in a real network. Own spread: of the second"
                  " layer.")
    if kind == DIMENSION:
        _select(TABLE["start_d"], p.start_d, DIMENSIONS)
    elif kind == SPREAD:
        _select(replace(TABLE["spread"], label="Spread of the second layer"), p.spread, SPREADS,
                shown=lambda x: f"{100 * x:g} %")
    if kind == SPREAD or (kind == DIMENSION and p.directions is None):
        _select(replace(TABLE["groups"], label="Groups of neurons", meaning=(
                "Neurons of one group are alike. More groups draw the differences more finely; the"
                " time that a run takes grows like their third power.")),
                p.groups, tuple(range(2, MOST + 1)))


def neurons_like(changes: dict[str, Any]) -> dict[str, Any]:
    """Identical neurons but for `changes`, for `visitor.put`; without the common overlap v(0) where
    `changes` say how neurons lie at the start."""
    lie = {"v0": None} if changes.keys() & {"start_d", "overlaps"} else {}
    return {name: WORDS[name].default for name in NEURONS} | lie | changes


def slider(name: str) -> None:
    """The slider of a real or whole number of the table."""
    _select(TABLE[name], visitor.get(name), _stops(name))


def axes() -> None:
    """Switches for linear axes, under a chart."""
    for field in (LINEAR_TIME, LINEAR_ERROR):
        st.toggle(field.label, visitor.get(field.name), help=field.meaning,
                  **visitor.bound(field.name))


def sheet(p: Parameters) -> None:
    """One slider and the choice of its parameter, for a phone: at the foot of the screen, so that
    the plot stays in sight (page.css shows it on narrow screens alone)."""
    names = _thumbs(p)
    thumb = visitor.get("thumb")
    field = TABLE[names[thumb]]
    value, key = visitor.get(field.name), _thumb_key(field.name)

    def moved() -> None:
        # The sidebar's slider of the same word begins anew.
        if visitor.shown(key):
            visitor.put(**visitor.changes(field.name, st.session_state[key]))

    with st.container(key="sheet"):
        st.selectbox("Slider", list(names), list(names).index(thumb), label_visibility="collapsed",
                     format_func=lambda name: TABLE[names[name]].label, **visitor.bound("thumb"))
        st.select_slider(f"{field.symbol}, under the thumb", _places(_stops(field.name), value),
                         value, label_visibility="collapsed", format_func=_readable, key=key,
                         on_change=moved)


def _thumb_key(name: str) -> str:
    """Of the slider under the thumb.  Another value is another slider: it follows the sidebar's."""
    return visitor.key(f"{name} thumb {visitor.get(name)}")


def _thumbs(p: Parameters) -> dict[str, str]:
    """The words that the slider of a phone can move, by their names in a link."""
    return {name: ("gamma0" if p.init == "lazy" else "a0") if name == "start" else name
            for name in THUMBS}


def followed(settings: Settings, pinned: Settings | None) -> dict[str, Any] | None:
    """How a chart follows the sidebar's sliders while they are dragged, in plain JSON types; None
    where a run takes too long for that.

    pinned      the run that is drawn beneath
    url, query  what to ask the server for, and the words of the present settings
    sliders     by class on the page: `at`, the present stop, and `words`, each with one text a stop
    """
    if not api.serves(settings, pinned):
        return None
    p = settings.parameters
    stops = {name: (visitor.get(name), _stops(name))
             for name in ("alpha", "tau", "gamma0" if p.init == "lazy" else "a0", "m")}
    if p.train_second_layer:
        stops["weight_decay"] = (p.weight_decay, DECAYS)
    per_m = canonical(p.t_max / p.m)
    sliders = {name: _texts(name, *offered) for name, offered in stops.items()}
    sliders["t_max"] = _texts("t_max", per_m, HORIZONS, lambda stop: canonical(stop * p.m))
    query = {name: word for name, word in visitor.run_link().items() if name != "pinned" or pinned}
    thumb = _thumbs(p)[visitor.get("thumb")]
    classes = {_class(visitor.key(name)): slider for name, slider in sliders.items()}
    return {"url": f"{base()}{api.PATH}", "query": query | {"view": "chart"},
            "sliders": classes | {_class(_thumb_key(thumb)): sliders[thumb]}}


def _texts(name: str, value: Any, stops: tuple[Any, ...],
           convert: Callable[[Any], Any] = lambda stop: stop) -> dict[str, Any]:
    places = _places(stops, value)
    moves = [visitor.changes(name, convert(stop)) for stop in places]
    return {"at": places.index(value), "words": {
        word: [_written(word, move[word]) for move in moves] for word in moves[0]}}


@lru_cache(maxsize=4096, typed=True)
def _written(word: str, value: Any) -> str | None:
    return WORDS[word].write(value)


def _places(stops: tuple[Any, ...], value: Any) -> list[Any]:
    """The stops of a slider, and its present value, which a link or preset has brought."""
    return sorted({*stops, value})


def _class(key: str) -> str:
    """The class by which Streamlit marks the widget of a key."""
    return "st-key-" + re.sub(r"[^\w-]", "-", key, flags=re.ASCII)


def _select(field: Field, value: Any, stops: tuple[Any, ...],
            convert: Callable[[Any], Any] = lambda shown: shown,
            shown: Callable[[Any], str] | None = None) -> None:
    """A slider over `stops` and the present value."""
    st.select_slider(field.label, _places(stops, value), value, format_func=shown or _readable,
                     help=field.meaning, **visitor.bound(field.name, convert))
    _refusal(field.name)


def _refusal(name: str) -> None:
    if said := visitor.refused(name):
        st.error(said)


@lru_cache
def _stops(name: str) -> tuple[Any, ...]:
    """The values a slider offers: rounded, evenly spread on the field's scale, and the default."""
    field = ROWS[name]
    if field.kind == "integer":
        powers = [2**k for k in range(1, 20)]
        stops = [*powers, *(3 * power for power in powers[:-1] if power > 1), 3, field.high]
    elif field.scale == "log":
        decades = np.log10(field.high / field.low)
        stops = [float(f"{x:.2g}") for x in
                 np.geomspace(field.low, field.high, round(20 * decades) + 1)]
    else:
        stops = [*np.arange(0, 1, 0.05), *np.arange(1, 2, 0.1), *np.arange(2, 5.1, 0.25)]
    if field.default is not None:
        stops.append(field.default)
    return tuple(sorted({int(x) if field.kind == "integer" else canonical(x)
                         for x in stops if field.low <= x <= field.high}))


def _choice(name: str, called: dict[str, str] | None = None) -> None:
    """A choice of the table; `called` has other words for some values, where these say more."""
    field, words = TABLE[name], called or {}
    st.radio(field.label, field.choices, field.choices.index(visitor.get(name)), horizontal=True,
             format_func=lambda choice: words.get(choice, choice), help=field.meaning,
             **visitor.bound(name))


def _activation() -> None:
    """A covariance of the paper, one's own, or a plain function."""
    h, function = visitor.get("h"), visitor.get("activation")
    now = function or preset_name(h) or OTHER
    choices = {name: {"activation": None, "h": PRESETS.get(name, h)} for name in (*PRESETS, OTHER)}
    _one_of("activation", "Activation σ", now,
            choices | {name: {"activation": name} for name in SMOOTH},
            f"{TABLE['activation'].meaning} {TABLE['h'].meaning}")
    if now == OTHER:
        _coefficients("h")


def _target(p: Parameters) -> None:
    """What the target is: the activation, a plain function, one's own series, directions."""
    now = p.target_function or (SAME if p.phi is None else OTHER)
    if p.directions is not None:
        now = next((name for name in NAMED if TABLE["directions"].check(name) == p.directions),
                   SEVERAL)
    one = {"directions": None, "v0": None, "groups": _without_starts(p)}
    choices = {SAME: one | {"phi": None, "target_function": None}} \
        | {name: one | {"target_function": name} for name in FUNCTIONS} \
        | {OTHER: one | {"target_function": None, "phi": visitor.get("phi") or FIRST_PHI}} \
        | {name: one | {"directions": TABLE["directions"].check(name)} for name in NAMED} \
        | {SEVERAL: one | {"directions": p.directions or FIRST_DIRECTIONS}}
    _one_of("target function", "Target function φ", now, choices,
            f"{TABLE['target_function'].meaning} {TABLE['phi'].meaning}"
            f" {TABLE['directions'].meaning}")
    if now == OTHER:
        _coefficients("phi")
    if now == SEVERAL:
        _text("directions")
    if (p.directions or p.v0) and p.init == "mean-field" and p.start_d is None:
        _text("v0")
    if said := meaning(p):
        st.caption(said)


def _without_starts(p: Parameters) -> Any:
    """The groups without overlaps of their own, which were for another number of directions; those
    of a dimension as many as usual."""
    if isinstance(p.groups, tuple):
        return tuple(group._replace(v0=0.0) for group in p.groups)
    return None if p.start_d else p.groups


def _functions(p: Parameters) -> None:
    _activation()
    _choice("target", {"single-index": "multi-index"} if p.directions else None)
    if p.target != "noise":
        _target(p)
    if p.activation or p.target_function:
        field = TABLE["normalise"]
        st.toggle(field.label, p.normalise, help=field.meaning, **visitor.bound(field.name))
    show_functions(p)


def _one_of(name: str, label: str, now: str, choices: dict[str, dict[str, Any]],
            meaning: str) -> None:
    """A choice that changes several words at once; it follows links and examples."""
    key = visitor.key(f"{name} {now}")

    def chosen() -> None:
        if visitor.shown(key):
            visitor.put(**choices[st.session_state[key]])

    st.selectbox(label, list(choices), list(choices).index(now), key=key, on_change=chosen,
                 format_func=_named, help=meaning)


def _named(name: str) -> str:
    """A choice of activation or target with its formula."""
    if name in H_TEXT:
        return f"{name}: h = {H_TEXT[name]}"
    if name in NAMED:
        return f"{name}: {target_text(NAMED[name])}"
    return f"{name.replace('_', ' ')}: {FUNCTIONS[name].formula}" if name in FUNCTIONS else name


def _coefficients(name: str) -> None:
    """A text field for "0, 0.9, 0.5"."""
    _text(name, ", ".join(f"{c:.12g}" for c in visitor.get(name) or ()),
          f"{TABLE[name].label} (0, …)")


def _text(name: str, text: str | None = None, label: str = "") -> None:
    """A text field for a row of the table; the last good value counts while the text is wrong."""
    field, value = TABLE[name], visitor.get(name)
    if text is None:
        text = "" if value is None else field.write(value)
    st.text_input(label or field.label, text, help=field.meaning,
                  **visitor.bound(name, lambda text: _numbers(field, text), part="text"))
    _refusal(name)


def _numbers(field: Field, text: str) -> Any:
    if not text.strip() and field.default is None:
        return None
    return field.read(text)


_readable: Callable[[float], str] = lambda x: f"{x:,}" if isinstance(x, int) else f"{x:g}"  # noqa: E731
