"""What is trained, in two sentences that are true of the settings."""

import math

from numpy.polynomial.hermite_e import herme2poly

from dashboard.words.directions import names
from engine import Parameters
from engine.activations import FUNCTIONS

HIGHEST = 3
"""Degree up to which an activation is written out."""


def trained(p: Parameters) -> str:
    """The network, and what it is trained on."""
    labels = "of pure noise with variance τ²" if p.target == "noise" else \
        f"y = φ({_field(p)}) " + ("+ noise of variance τ²" if p.tau else "without noise")
    layers = "the directions w and the weights a" if p.train_second_layer else \
        "the directions w alone, a stays,"
    return (f"m neurons answer together, f(x) = (1/m) Σ aᵢ σ(⟨wᵢ, x⟩){_where(p)}. Gradient flow"
            f" trains {layers} on n = αmd labels {labels}, in a dimension d → ∞.")


def _field(p: Parameters) -> str:
    """What the target is a function of."""
    return "⟨u, x⟩" if p.directions is None else ", ".join(
        f"⟨{u}, x⟩" for u in names(p).split(", "))


def _where(p: Parameters) -> str:
    if p.activation:
        return f", σ = {FUNCTIONS[p.activation].formula} less its mean"
    coefficients = p.activation_coefficients
    if len(coefficients) > HIGHEST + 1:
        return ""
    return f", for example σ(x) = {polynomial(sigma(coefficients))}"


def sigma(coefficients: tuple[float, ...]) -> list[float]:
    """σ in powers of x, from its coefficients s_k in normalised Hermite polynomials."""
    return herme2poly([s / math.sqrt(math.factorial(k))
                       for k, s in enumerate(coefficients)]).tolist()


def polynomial(coefficients: list[float]) -> str:
    """0.449 x + 0.167 x³, from the constant on."""
    powers = ("", " x", " x²", " x³")
    terms = [(c, powers[k]) for k, c in enumerate(coefficients) if abs(c) > 1e-12]
    if not terms:
        return "0"
    text = " ".join(f"{'−' if c < 0 else '+'} {abs(c):.3g}{power}" for c, power in terms[::-1])
    return text.removeprefix("+ ")
