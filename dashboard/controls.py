"""The sidebar: widgets made from the parameter table, the same on every page.

    settings = controls.sidebar()          # draws the widgets, returns links.Settings
    controls.put(Settings(...))            # in a callback: sets them all

The settings belong to the visitor's session and follow from page to page; the address in the
browser always holds a link to them.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
import streamlit as st

from dashboard import links
from dashboard.links import RTOLS, Settings
from dashboard.presets import CUSTOM, PRESETS_BY_NAME, preset_of
from engine import PRESETS, TABLE, ParameterError, Parameters
from engine.parameters import T_MAX_PER_M, canonical, preset_name

SETTINGS, WRITTEN, WARNINGS = "settings", "written links", "link warnings"
# Floats as t_max/m is: a slider finds its value by the text it shows, and 1,000 is not 1000.
HORIZONS = (1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 100.0, 200.0, 500.0, 1000.0)
OTHER = "custom"
H_TEXT = {"cubic": "0.9 q + q³/6", "quadratic": "0.9 q + q²/2", "weak": "0.3 q + q²/2"}


def sidebar() -> Settings:
    """Draw all controls and return what they say; reads the link on a visitor's first run."""
    current = _from_link()
    for warning in st.session_state.get(WARNINGS, ()):
        st.warning(warning, icon="⚠️")
    with st.sidebar:
        top = st.container()
        settings = _widgets(current)
        # Drawn last although it stands first: an edit below turns the example into Custom.
        with top:
            _preset(settings)
    st.session_state[SETTINGS] = settings
    _write_link(settings)
    return settings


def hidden() -> Settings:
    """The settings of the link or the session, for a page without a sidebar."""
    current = _from_link()
    for warning in st.session_state.get(WARNINGS, ()):
        st.warning(warning, icon="⚠️")
    _write_link(current)
    return current


def examples() -> None:
    """The choice of an example alone."""
    _preset(st.session_state[SETTINGS])


def put(settings: Settings) -> None:
    """Set every widget; to be called before `sidebar` draws them, for instance in a callback."""
    for name in [key for key in st.session_state if str(key).startswith("set ")]:
        del st.session_state[name]
    st.session_state[SETTINGS] = settings
    st.session_state.pop(WARNINGS, None)


def _from_link() -> Settings:
    """The session's settings, after reading a link that this session has not written itself.

    A rerun may still carry the address of an earlier state of this session; reading that back
    would undo the visitor's last move.
    """
    query = st.query_params.to_dict()
    written = st.session_state.setdefault(WRITTEN, [])
    if SETTINGS not in st.session_state or (links.own(query) and links.own(query) not in written):
        settings, warnings = links.read(query)
        put(settings)
        st.session_state[WARNINGS] = warnings
        written.append(links.own(query))
    return st.session_state[SETTINGS]


def _write_link(settings: Settings) -> None:
    query = links.write(settings)
    written = st.session_state[WRITTEN]
    if query not in written:
        written.append(query)
        del written[:-100]
    if links.own(st.query_params.to_dict()) != query:
        kept = {name: value for name, value in st.query_params.to_dict().items()
                if name in links.FOREIGN}
        st.query_params.from_dict(kept | query)


def _preset(current: Settings) -> None:
    """A choice of named settings; an edited preset reads "Custom"."""
    name = preset_of(current)
    if st.session_state.get("preset") != name:
        st.session_state["preset"] = name

    def chosen():
        preset = PRESETS_BY_NAME.get(st.session_state["preset"])
        if preset:
            put(preset.settings)

    st.selectbox("Example", [*PRESETS_BY_NAME, CUSTOM], key="preset", on_change=chosen,
                 help="Settings worth seeing, each with the reason. Any change makes it Custom.")
    # Of fixed height (page.css), so that no slider moves away under the visitor's hand.
    with st.container(key="why"):
        st.caption(PRESETS_BY_NAME[name].why if name in PRESETS_BY_NAME else
                   "Your own settings. The address of this page is a link to them.")


def _widgets(current: Settings) -> Settings:
    p = current.parameters
    values: dict[str, Any] = {"init": _choice("init", p.init)}
    values["alpha"] = slider("alpha", p.alpha)
    values["tau"] = slider("tau", p.tau)
    scale = "gamma0" if values["init"] == "lazy" else "a0"
    values[scale] = slider(scale, getattr(p, scale))
    values["m"] = slider("m", p.m)
    values["h"] = _activation(p.h)
    values["target"] = _choice("target", p.target)
    with st.expander("Horizon, accuracy, training"):
        per_m = _select("t_max", "Horizon t_max / m", canonical(p.t_max / p.m), HORIZONS,
                        TABLE["t_max"].meaning)
        rtol = _select("rtol", "Tolerance of the solver", current.rtol, RTOLS[::-1],
                       "Relative accuracy wanted of the curves; smaller takes longer.")
        field = TABLE["train_second_layer"]
        values["train_second_layer"] = st.toggle(
            field.label, key=_seed(field.name, p.train_second_layer), help=field.meaning)
        if values["target"] != "noise":
            values["phi"] = _coefficients("phi", p.phi)
    values["t_max"] = None if per_m == T_MAX_PER_M else canonical(per_m * values["m"])
    try:
        return Settings(Parameters(**values), rtol)
    except ParameterError as error:
        st.error(str(error))
        return current


def slider(name: str, value: float | None) -> Any:
    """The slider of a real or whole number; None stands for the value that was last seen."""
    field = TABLE[name]
    if value is None:
        value = st.session_state.get(f"last {name}", field.default)
    st.session_state[f"last {name}"] = chosen = _select(
        name, field.label, value, _stops(name), field.meaning)
    return chosen


def _select(name: str, label: str, value: Any, stops: tuple, meaning: str) -> Any:
    """A slider over `stops`, and over every other value that a link or preset has brought."""
    brought = st.session_state.setdefault(f"brought {name}", set())
    if value not in stops:
        brought.add(value)
    return st.select_slider(label, sorted({*stops, *brought}), key=_seed(name, value),
                            format_func=_readable, help=meaning)


def _stops(name: str) -> tuple:
    """The values a slider offers: rounded, and evenly spread on the field's scale."""
    field = TABLE[name]
    if field.kind == "integer":
        powers = [2**k for k in range(1, 20)]
        stops = [*powers, *(3 * power for power in powers[:-1] if power > 1), 3, field.high]
    elif field.scale == "log":
        decades = np.log10(field.high / field.low)
        stops = [float(f"{x:.2g}") for x in
                 np.geomspace(field.low, field.high, round(20 * decades) + 1)]
    else:
        stops = [*np.arange(0, 1, 0.05), *np.arange(1, 2, 0.1), *np.arange(2, 5.1, 0.25)]
    return tuple(sorted({int(x) if field.kind == "integer" else canonical(x)
                         for x in stops if field.low <= x <= field.high}))


def _choice(name: str, value: str) -> str:
    field = TABLE[name]
    return st.radio(field.label, field.choices, key=_seed(name, value), horizontal=True,
                    help=field.meaning)


def _activation(h: tuple[float, ...]) -> tuple[float, ...] | str:
    field = TABLE["h"]
    chosen = st.selectbox(
        "Activation (its covariance h)", [*PRESETS, OTHER], key=_seed("h", preset_name(h) or OTHER),
        format_func=lambda name: f"{name}: h = {H_TEXT[name]}" if name in H_TEXT else name,
        help=field.meaning)
    return chosen if chosen != OTHER else _coefficients("h", h) or h


def _coefficients(name: str, value: tuple[float, ...] | None) -> tuple[float, ...] | None:
    """A text field for "0, 0.9, 0.5"; the last good value while the text is wrong."""
    field = TABLE[name]
    text = st.text_input(f"{field.label} (0, …)", key=_seed(
        f"{name} text", ", ".join(f"{c:.12g}" for c in value or ())), help=field.meaning)
    if not text.strip():
        return None
    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError:
        st.error(f"{field.label}: write numbers with commas between them, such as 0, 0.9, 0.5.")
        return value


def _seed(name: str, value: Any) -> str:
    """The widget's key, its state set to `value` unless the visitor has already set it."""
    key = f"set {name}"
    if key not in st.session_state:
        st.session_state[key] = value
    return key


_readable: Callable[[float], str] = lambda x: f"{x:,}" if isinstance(x, int) else f"{x:g}"  # noqa: E731
