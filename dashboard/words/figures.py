"""The key figures of a run: label, value and meaning."""

from dashboard.words.numbers import number
from engine.results.keyfigures import KeyFigures


def figure(k: KeyFigures, name: str) -> str:
    """A key figure with the digits that it has at the run's tolerance; a dash for None."""
    value = getattr(k, name)
    return number(value) if value is None else number(value, error=k.error(name))


def window(k: KeyFigures) -> str:
    """The times at which stopping costs at most 1 % of the least test error, as a range."""
    low, high = k.best_window
    return f"{number(low, 2)} – {number(high, 2)}" if high < k.end else f"from {number(low, 2)}"


def rows(k: KeyFigures) -> list[tuple[str, str, str]]:
    """Label, value and meaning of each key figure."""
    return [
        ("Learning ends at t", figure(k, "feature_learning_end"),
         "Mean-field: the alignment v comes to within 5 % of its maximum. Lazy: 95 % of the drop"
         " of the test error is done. A dash: there is nothing to learn, or it has not ended."),
        ("Best to stop, t", window(k),
         "Where the test error is within 1 % of its least value. The least is flat: the time of it"
         f" alone, {figure(k, 'best_time')}, is not known any better."),
        ("Best test error", figure(k, "best_test_error"),
         f"The least test error, {figure(k, 'excess_over_bayes')} above the Bayes error τ²/2."),
        ("Gap opens at t", figure(k, "gap_opens"),
         "The test error first exceeds the train error by 10 % of itself. A dash: it never does."),
        ("Final γ", figure(k, "final_gamma"),
         f"Complexity γ = a/√m at the end; it changed by {number(k.gamma_drift)}."),
        ("Interpolates", f"t = {figure(k, 'interpolation_time')}" if k.interpolated else "no",
         "The train error falls to a millionth of its start. Digits that a ten times smaller"
         " tolerance would change are left out, here and in all words."),
    ]
