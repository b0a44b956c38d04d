"""The owner of what a visitor has set, in Streamlit's own test harness."""

import pytest
from streamlit.testing.v1 import AppTest


def page():
    import streamlit as st

    from dashboard.service import visitor

    visitor.enter()
    first = st.session_state.setdefault("first", visitor.bound("tau"))

    def report():
        """What a browser does that still has the first slider and its value."""
        st.session_state[first["key"]] = 1.5
        first["on_change"]()

    st.button("set", on_click=visitor.put, kwargs={"tau": 0.7})
    st.button("report", on_click=report)
    st.write(visitor.get("tau"))


@pytest.mark.parametrize(("clicks", "tau"), [(["report"], "1.5"), (["set", "report"], "0.7")])
def test_a_widget_that_is_no_longer_shown_changes_nothing(clicks, tau):
    app = AppTest.from_function(page, default_timeout=60).run()
    for label in clicks:
        next(button for button in app.button if button.label == label).click().run()
        assert not app.exception
    assert app.markdown[-1].value.strip("`") == tau
