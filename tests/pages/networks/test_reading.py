"""What is said of the measured map comes from its table, in the README too."""

from pathlib import Path

import pandas as pd

from dashboard.words.numbers import number
from pages.networks.reading import reading
from pages.networks.studies import MAP

README = Path(__file__).parents[3] / "README.md"


def test_the_readme_says_what_the_page_says_of_the_measured_map():
    assert " ".join(reading(pd.read_csv(MAP)).split()) in " ".join(README.read_text().split())


def test_the_reading_follows_the_table():
    table = pd.read_csv(MAP)
    early = table[(table.start == "mean-field") & (table.model == "real")]
    median = (early.departure_per_m * early.m).median()
    table.loc[early.index, "departure_per_m"] *= 2
    assert f"median t = {number(2 * median, 2)} for identical" in reading(table)
