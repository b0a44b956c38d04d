"""Maps: two settings at a time, and behind every cell its run."""

from functools import partial

import streamlit as st

from dashboard.components import controls
from dashboard.components.chart import show_curves
from dashboard.components.curves import regime_bands, run_panels, time_axis
from dashboard.service import visitor
from dashboard.service.jobs import solved
from dashboard.service.links import MAPS, Settings
from engine import TABLE
from pages.maps import diagram, glance, picture, reading, refine
from pages.maps.tables import QUANTITIES, StoredMap, axis_title, load, title

NEURONS = {"identical": "Identical neurons", "unequal": "Neurons that differ"}

controls.hidden()
st.title("Maps: where runs rest, overfit, or fit at once")
st.markdown("Every square is a run of the equations, from the start to t = 60 m. **Choose a"
            " square** to see its curves; draw a box, with the box tool above a map, to look"
            " closer.")
left, right = st.columns(2)
name = left.selectbox("Map", MAPS, MAPS.index(visitor.get("map")), format_func=title,
                      **visitor.bound("map"))
shown = right.selectbox("Shown", list(QUANTITIES), list(QUANTITIES).index(visitor.get("shown")),
                        format_func=lambda key: QUANTITIES[key].label, **visitor.bound("shown"))
one = load(name)


def chosen(kind: str) -> None:
    """Keep the square that was chosen; a box is kept by its own chart."""
    points = st.session_state[f"map {name} {kind}"]["selection"]["points"]
    if len(points) == 1:
        visitor.put(place=(round(points[0]["x"]), round(points[0]["y"])))


def inside(one: StoredMap, place: tuple[int, int] | None) -> tuple[int, int] | None:
    """The place, if this map has it."""
    fits = place and place[0] < len(one.values("x")) and place[1] < len(one.values("y"))
    return place if fits else None


place = inside(one, visitor.get("place"))
boxes = {}
kinds = one.kinds(shown)
if not kinds:
    st.info("This quantity belongs to identical neurons from a mean-field start, which this map"
            " does not have.")
for column, kind in zip(st.columns(max(len(kinds), 1)), kinds, strict=False):
    with column:
        st.markdown(f"**{NEURONS[kind]}**")
        event = st.plotly_chart(picture.figure(one, shown, kind, place), key=f"map {name} {kind}",
                                on_select=partial(chosen, kind), selection_mode=("points", "box"),
                                config={"displaylogo": False, "modeBarButtonsToRemove":
                                        ["zoom", "pan", "autoScale", "resetScale", "lasso2d"]})
        if len(event["selection"]["points"]) > 1:
            boxes[kind] = event["selection"]["points"]
glance.show(one)
st.markdown(reading.summary(one) + reading.note(one, shown))
with st.expander("The values as a table"):
    for kind in kinds:
        st.markdown(f"{NEURONS[kind]}: {QUANTITIES[shown].label}. Across {axis_title(one.x)},"
                    f" down {axis_title(one.y)}.")
        st.dataframe(reading.table(one, shown, kind))
for kind, points in boxes.items():
    refine.show(one, shown, kind, points)

if place is not None:
    x, y = one.values("x")[place[0]], one.values("y")[place[1]]
    st.subheader(f"{axis_title(one.x)} = {TABLE[one.x].write(x)}, {axis_title(one.y)} ="
                 f" {TABLE[one.y].write(y)}")
    settings = [Settings(one.parameters(x, y, kind), visitor.run().rtol) for kind in one.neurons]
    runs = [solved(setting) for setting in settings]
    if all(run is not None for run in runs):
        last = runs[-1]
        show_curves(run_panels(last, runs[0] if len(runs) > 1 else None), key="map run",
                    bands=regime_bands(last), axis=time_axis(*runs))
        if len(runs) > 1:
            st.caption("A: identical neurons. B: neurons that differ.")
        for kind, setting in zip(one.neurons, settings, strict=True):
            if st.button(f"Open in the explorer: {NEURONS[kind].lower()}", key=f"open {kind}",
                         on_click=partial(visitor.put_run, setting)):
                st.switch_page("pages/explorer/page.py")
st.caption(reading.provenance(one))

diagram.show()
