"""What is set by environment variables."""

from pathlib import Path

import pytest

from dashboard.service.environment import TABLE, SettingError, read


def test_nothing_set_means_the_defaults():
    assert read({}) == {name: row.default() for name, row in TABLE.items()}


def test_a_variable_sets_its_value():
    assert read({"DASHBOARD_VISITORS": "7", "DASHBOARD_FRAME_ANCESTORS": "'self'"}) == \
        read({}) | {"visitors": 7, "frame_ancestors": "'self'"}


@pytest.mark.parametrize("text", ["0", "-3", "many", "", "1.5"])
def test_a_value_that_breaks_its_rule_is_refused_by_name(text):
    with pytest.raises(SettingError, match=r"DASHBOARD_VISITORS must be a whole number from 1, "):
        read({"DASHBOARD_VISITORS": text})


def test_every_setting_stands_in_the_readme():
    text = (Path(__file__).parents[3] / "README.md").read_text()
    assert all(f"`DASHBOARD_{name.upper()}`" in text for name in TABLE)
