"""The words: what the pages say, made from runs and closed forms.

Nothing here draws or solves: a sentence, a cell, a number is made from a `Trajectory` or from
`Parameters`, and a page shows it.
"""

from dashboard.words.numbers import number, percent
from dashboard.words.symbols import BIBTEX, OBSERVABLES, covariance_latex, symbols

__all__ = ["BIBTEX", "OBSERVABLES", "covariance_latex", "number", "percent", "symbols"]
