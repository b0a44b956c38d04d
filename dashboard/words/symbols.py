"""What the symbols mean, covariances as equations, and the source."""

import pandas as pd

from dashboard.words.numbers import number
from engine import TABLE
from engine.fields import Field

TERMS = 5
OBSERVABLES = {
    "t": "training time of gradient flow",
    "a(t)": "second-layer weight, the same for all neurons",
    "γ(t)": "complexity a/√m",
    "v(t)": "alignment ⟨w, u⟩ of a neuron with the target's direction",
    "ν(t)": "multiplier that keeps ‖w‖ = 1",
    "e_tr": "train error −½ C_A(t,t) (C.45)",
    "e_ts": "test error (C.46)",
    "e_ts − e_tr": "generalisation gap",
    "‖w(t) − w(0)‖": "first-layer displacement √(2 − 2C_d(t,0))",
    "|γ(t) − γ₀|": "second-layer displacement; |a(t) − a₀| without the factor √m",
    "C_d, C_o": "overlap of a neuron's weights at two times; of two neurons' weights",
    "R_d, R_o": "response of a neuron to a field on itself; on another neuron",
    "R_A, C_A": "response and (negative) covariance of the residuals f(x) − y",
    "Σ_R, Σ_C": "the residuals' self-energies, from which R_A and C_A follow",
    "M^R, M^C": "memory kernels",
    "X_⊥, X_∥": "parts of X that differ between neurons, X_d − X_o; that they share",
    "h, h̃": "covariance of the activation; without its linear part h′(0)q",
    "φ̂": "covariance of activation and target",
    "‖φ‖²": "variance of the noiseless labels",
    "τ′": "noise left by the best linear fit: τ′² = τ² + ‖φ‖² − φ̂′(0)²/h′(0)",
    "γ*": "threshold: the least γ at which the train error can reach zero",
    "τ²/2": "Bayes error; (τ² + ‖φ‖²)/2 is the error of the null network f = 0",
}

BIBTEX = """@inproceedings{montanari2025dynamical,
  title     = {Dynamical decoupling of generalization and overfitting
               in large two-layer networks},
  author    = {Montanari, Andrea and Urbani, Pierfrancesco},
  booktitle = {Advances in Neural Information Processing Systems},
  year      = {2025},
  note      = {arXiv:2502.21269}
}"""


def symbols(kind: str) -> pd.DataFrame:
    """The "parameters" (from the one table) or the "observables", with their meanings."""
    if kind == "observables":
        frame = pd.DataFrame({"Symbol": list(OBSERVABLES), "Meaning": list(OBSERVABLES.values())})
    else:
        frame = pd.DataFrame([{"Symbol": f.symbol, "Meaning": f.meaning, "Range": _range(f)}
                              for f in TABLE.values()])
    return frame.map(lambda text: text.replace("*", r"\*").replace("_", r"\_")) \
        .set_index("Symbol")


def _range(field: Field) -> str:
    if field.kind in ("choice", "flag"):
        return field.allowed
    return f"{_bound(field.low)} to {_bound(field.high)}"


def _bound(x: float) -> str:
    """A round number without the trailing zeros of a measurement."""
    return number(x, 1) if x and not 1e-4 <= abs(x) <= 1e6 else f"{x:,.7g}"


def covariance_latex(left: str, variable: str, coefficients: tuple[float, ...]) -> str:
    """left = Σ c_k variable^k, to four digits; of a long series the first `TERMS`."""
    terms = [f"{c:.4g}\\,{variable}" + (f"^{{{k}}}" if k > 1 else "")
             for k, c in enumerate(coefficients) if c]
    shown = terms if len(terms) <= TERMS + 4 else [*terms[:TERMS], r"\dots"]
    return f"{left} = " + (" + ".join(shown).replace("+ -", "- ") or "0")
