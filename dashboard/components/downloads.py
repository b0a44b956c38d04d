"""Take a run away: CSV, JSON, a full link, and Python and shell lines for the same numbers."""

import json
import re
from urllib.parse import urlencode

import streamlit as st

from dashboard.service import visitor
from dashboard.service.jobs import solved
from dashboard.service.links import RTOLS, Settings
from dashboard.words import BIBTEX
from dashboard.words.citation import citation
from engine import TABLE, Parameters, Trajectory
from engine.parameters import preset_name

LONGEST = 12
"""Characters of a value that a file's name has room for."""


def show(trajectory: Trajectory, settings: Settings) -> None:
    """Download buttons and snippets for one run."""
    left, right, _ = st.columns([1, 1, 3])
    name = file_name(trajectory.parameters)
    left.download_button("Download CSV", lambda: to_csv(trajectory), f"{name}.csv", "text/csv",
                         on_click="ignore", width="stretch")
    right.download_button("Download JSON", lambda: json.dumps(trajectory.to_dict()),
                          f"{name}.json", "application/json", on_click="ignore", width="stretch")
    cited = st.expander("Cite these numbers", key="cite", on_change="rerun")
    if cited.open:
        with cited:
            _citation(trajectory, settings)
    # Filled when opened: the code and table widgets are heavy on a slow line.
    snippets = st.expander("Link, Python, shell, BibTeX", key="snippets", on_change="rerun")
    if snippets.open:
        snippets.caption("A link with every setting written out, and the code for the same numbers;"
                         " the camera over each plot saves it as SVG.")
        snippets.code(full_link(), language=None, wrap_lines=True)
        snippets.code(python_snippet(settings), language="python")
        snippets.code(command_line(settings), language="bash")
        snippets.code(BIBTEX, language="bibtex", wrap_lines=True)
    table = st.expander("Table of values", key="values", on_change="rerun")
    if table.open:
        table.dataframe(trajectory.to_frame(), hide_index=True, height=300)


def _citation(trajectory: Trajectory, settings: Settings) -> None:
    finer = Settings(settings.parameters, max(settings.rtol / 10, RTOLS[-1]))
    if finer == settings:
        st.info("No page has a finer tolerance to compare with. Choose a larger one.")
        return
    run = solved(finer, "Solving at a finer tolerance", later=True)
    if run is not None:
        st.caption("Copy it with the button at the corner.")
        st.code(citation(trajectory, run, full_link()), language=None, wrap_lines=True)


def file_name(p: Parameters) -> str:
    """What a file with the run is called, as mean-field_m64_tau0.5: start, width, noise, and what
    is not as usual."""
    usual = Parameters(init=p.init, m=p.m, tau=p.tau).as_dict()
    parts = [p.init, f"m{p.m}", f"tau{p.tau:g}"]
    for name, value in p.as_dict().items():
        if name not in ("init", "m", "tau") and value != usual.get(name):
            text = TABLE[name].write(getattr(p, name))
            parts.append(f"{name}{text}" if len(text) <= LONGEST else name)
    return re.sub(r"[^\w.+-]", "-", "_".join(parts), flags=re.ASCII)


def full_link() -> str:
    """The address of this page with all settings, and the version of the link's words."""
    page = (st.context.url or "").partition("?")[0]
    return f"{page}?{urlencode(visitor.link(), safe=',')}"


def to_csv(trajectory: Trajectory) -> str:
    """The run's table."""
    return trajectory.to_frame().to_csv(index=False)


def python_snippet(settings: Settings) -> str:
    """Lines of Python that compute the run of `settings`."""
    arguments = ", ".join(f"{name}={value!r}" for name, value in _changed(settings.parameters))
    return (f"from engine import Parameters, solve\n\n"
            f"run = solve(Parameters({arguments}), rtol={settings.rtol!r})\n"
            f"run.to_frame().to_csv(\"run.csv\", index=False)")


def command_line(settings: Settings, command: str = "solve", out: str = "run.csv") -> str:
    """The shell command that computes the run of `settings`, or what else `command` names."""
    words = [f"python -m engine {command}"]
    for name, _ in _changed(settings.parameters):
        row, value = TABLE[name], getattr(settings.parameters, name)
        words.append(row.off if row.kind == "flag" else f"{row.option} {row.write(value)}")
    return " ".join([*words, f"--rtol {settings.rtol!r}", f"--out {out}"])


def _changed(p: Parameters) -> list[tuple[str, object]]:
    """What to write to get `p`: all the physics, but no default horizon, flag or target."""
    plain = Parameters(init=p.init, m=p.m)
    always = {"init", "alpha", "tau", "m", "gamma0", "a0"}
    values = {name: getattr(p, name) for name in p.as_dict()}
    if p.h is not None:
        values["h"] = preset_name(p.h) or p.h
    return [(name, value) for name, value in values.items()
            if name in always or name == "h" or value != getattr(plain, name)]
