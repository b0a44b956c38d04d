"""A row of the table reads what it writes, and says its rule where it refuses."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import PRESETS, TABLE, ParameterError
from engine.fields import MAX_DEGREE, Field


@st.composite
def rows_and_values(draw) -> tuple[Field, object]:
    """A row of the table and one of its values."""
    # How neurons differ is written in `tests/engine/test_neurons.py`, and directions beside it.
    rows = [row for row in TABLE.values()
            if row.kind not in ("groups", "overlaps", "directions", "start")]
    row = draw(st.sampled_from(rows))
    number = st.floats(row.low, row.high)
    values = {"real": number, "flag": st.booleans(), "choice": st.sampled_from(row.choices or [""]),
              "coefficients": st.lists(number, min_size=1, max_size=MAX_DEGREE).filter(
                  lambda c: sum(c) > row.least_sum).map(lambda c: (0.0, *c))}
    if row.kind == "integer":
        return row, draw(st.integers(row.low, row.high))
    return row, draw(values[row.kind])


@given(rows_and_values())
def test_every_row_reads_what_it_writes(pair):
    row, value = pair
    kept = row.check(value)
    assert row.read(row.write(kept)) == kept
    assert row.check(kept) == kept


@pytest.mark.parametrize("name", PRESETS)
def test_coefficients_with_a_name_are_written_and_read_by_it(name):
    h = TABLE["h"]
    assert h.write(PRESETS[name]) == name
    assert h.read(name) == h.check(PRESETS[name])


@pytest.mark.parametrize(("name", "text", "rule"), [
    ("alpha", "many", "a number from 0.01 to 10"), ("alpha", "", "a number"),
    ("alpha", "11", "a number"), ("m", "2.5", "a whole number"), ("m", "²", "a whole number"),
    ("init", "lasy", "one of lazy, mean-field"), ("train_second_layer", "maybe", "True or False"),
    ("h", "0,0.9,x", "one of cubic"), ("h", "0,0", "at least 0.001"), ("phi", "0.5,1", "first")])
def test_text_that_breaks_the_rule_is_refused_with_it(name, text, rule):
    with pytest.raises(ParameterError, match=rule) as caught:
        TABLE[name].read(text)
    assert caught.value.field == name
    assert caught.value.fix.endswith(".")


@pytest.mark.parametrize(("name", "text", "value"), [
    ("m", "64", 64), ("m", "64.0", 64), ("alpha", " 0.3 ", 0.3),
    ("h", "0, 0.5, 0.25", (0, .5, .25)),
    ("train_second_layer", "False", False), ("train_second_layer", "yes", True)])
def test_text_may_be_written_in_several_ways(name, text, value):
    assert TABLE[name].read(text) == value
