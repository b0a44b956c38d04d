"""What is set by environment variables."""

from pathlib import Path

import pytest

from dashboard.service import environment
from dashboard.service.environment import TABLE, SettingError, read
from dashboard.service.presets import ALL


def test_nothing_set_means_the_defaults():
    assert read({}) == {name: row.default() for name, row in TABLE.items()}


def test_a_variable_sets_its_value():
    assert read({"DASHBOARD_VISITORS": "7", "DASHBOARD_FRAME_ANCESTORS": "'self'"}) == \
        read({}) | {"visitors": 7, "frame_ancestors": "'self'"}


@pytest.mark.parametrize("text", ["0", "-3", "many", "", "1.5"])
def test_a_value_that_breaks_its_rule_is_refused_by_name(text):
    with pytest.raises(SettingError, match=r"DASHBOARD_VISITORS must be a whole number from 1, "):
        read({"DASHBOARD_VISITORS": text})


def test_the_table_in_the_readme_is_the_one_in_code():
    assert environment.markdown() in (Path(__file__).parents[3] / "README.md").read_text()


def test_the_defaults_that_are_written_down_are_those_that_hold():
    for row in TABLE.values():
        if row.usual.isdecimal() or row.usual.startswith("`"):
            assert row.usual.strip("`") == str(row.default())
            assert row.read(str(row.default())) == row.default()


def test_no_server_is_set_to_less_than_its_examples_need():
    settings = [s for preset in ALL for s in (preset.settings, preset.pinned) if s]
    assert max(s.parameters.m for s in settings) == environment.EXAMPLES_M
    assert max(s.parameters.t_max for s in settings) == environment.EXAMPLES_T_MAX
