"""The key figures of a run: label, value and meaning."""

from dashboard.words.numbers import number
from engine.keyfigures import KeyFigures


def rows(k: KeyFigures) -> list[tuple[str, str, str]]:
    """Label, value and meaning of each key figure."""
    low, high = map(number, k.best_window)
    return [
        ("Learning ends at t", number(k.feature_learning_end),
         "Mean-field: the alignment v comes to within 5 % of its maximum. Lazy: 95 % of the drop"
         " of the test error is done. A dash: there is nothing to learn, or it has not ended."),
        ("Best stopping time", number(k.best_time),
         f"Where the test error is least; from t = {low} to {high} it is within 1 % of that."),
        ("Best test error", number(k.best_test_error),
         f"The least test error, {number(k.excess_over_bayes)} above the Bayes error τ²/2."),
        ("Gap opens at t", number(k.gap_opens),
         "The test error first exceeds the train error by 10 % of itself. A dash: it never does."),
        ("Final γ", number(k.final_gamma),
         f"Complexity γ = a/√m at the end; it changed by {number(k.gamma_drift)}."),
        ("Interpolates", f"t = {number(k.interpolation_time)}" if k.interpolated else "no",
         "The train error falls to a millionth of its start."),
    ]
