"""The stored widths and rates are those of the engine, and the prose says what they say."""

from pathlib import Path

import pandas as pd
import pytest

from studies.fits import markdown
from studies.plateau import (
    FINE,
    LOCKING,
    RATE_CASES,
    RATE_SETTINGS,
    RATES,
    T_PER_M,
    WIDTH_CASES,
    WIDTH_SETTINGS,
    completed,
    rate,
    summary,
    width,
)

DOC = Path(__file__).parents[2] / "docs" / "laws.md"


@pytest.fixture(scope="module")
def tables() -> tuple[pd.DataFrame, pd.DataFrame]:
    return pd.read_csv(LOCKING), pd.read_csv(RATES)


@pytest.fixture(scope="module")
def laws(tables) -> pd.DataFrame:
    return summary(*tables).set_index(["law", "setting"])


def test_every_case_is_stored_once(tables):
    for table, settings, cases in zip(tables, (WIDTH_SETTINGS, RATE_SETTINGS),
                                      (WIDTH_CASES, RATE_CASES), strict=True):
        assert list(table[list(settings)].itertuples(index=False, name=None)) == cases


def test_the_document_has_the_fits(tables):
    assert markdown(summary(*tables)) in DOC.read_text()


def test_solving_again_gives_the_stored_rows(tables):
    """The width to one step of the bisection; the rate to a tenth of rtol."""
    case = ("cubic", 0.3, 0.3, T_PER_M, 1e-2)
    row = tables[0].set_index(list(WIDTH_SETTINGS)).loc[case]
    again = width(*case)
    assert again["predicted"] == pytest.approx(row["predicted"], rel=1e-4)
    assert again["leaves"] == pytest.approx(row["leaves"], rel=0.1)
    case = ("weak", 0.3, 0.3, 65536, FINE)
    row = tables[1].set_index(list(RATE_SETTINGS)).loc[case]
    assert rate(*case)["rate_m"] == pytest.approx(row["rate_m"], rel=FINE / 10)


def test_the_laws_of_the_prose_are_those_of_the_table(tables, laws):
    for h in ("cubic", "quadratic", "weak"):
        f = {tau: laws.loc[("F of α m_c = F − cα", f"{h}, τ = {tau:g}"), "value"]
             for tau in (0.1, 0.2, 0.3, 0.6)}
        assert 1.75 < f[0.2] / f[0.1] < 1.95 and 2.65 < f[0.6] / f[0.3] < 3.15
        low, high = zip(*laws.loc[("m_c/predicted", [f"{h}, α = {alpha:g}"
                                                     for alpha in (0.15, 0.3, 0.6)]),
                                  ["low", "high"]].to_numpy(), strict=True)
        assert min(low) > 0.87 and max(high) < 1.05
    assert laws.loc[("m_c/predicted", "weak, α = 1.2"), "low"] == pytest.approx(0.73, abs=0.01)


def test_the_bracket_of_alpha_times_width_bends_with_alpha_as_said(tables):
    """α m_c = F − cα to 6 %: brackets are known to 5 %."""
    table = tables[0][(tables[0]["t_per_m"] == T_PER_M) & (tables[0]["rtol"] == 1e-2)
                      & (tables[0]["leaves"] >= 16)]
    fit = summary(*tables).set_index(["law", "setting"])["value"]
    for row in table.itertuples():
        of = f"{row.h}, τ = {row.tau:g}"
        said = fit[("F of α m_c = F − cα", of)] / row.alpha - fit[("c of the same", of)]
        assert (row.leaves * row.stays)**0.5 == pytest.approx(said, rel=0.06), row


def test_a_study_that_was_stopped_goes_on(tmp_path):
    """What is stored is not computed again, and rows of other cases are left out."""
    asked = []

    def compute(x: float) -> dict[str, float]:
        asked.append(x)
        return {"square": x * x}

    path = tmp_path / "table.csv"
    completed(path, ("x",), [(1.5,), (2.5,)], compute)
    table = completed(path, ("x",), [(2.5,), (3.5,)], compute)
    assert asked == [1.5, 2.5, 3.5] and table["square"].tolist() == [6.25, 12.25]
    assert pd.read_csv(path)["x"].tolist() == [2.5, 3.5]
