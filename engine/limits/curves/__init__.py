"""The curves that finite widths tend to, by initialisation and regime.

`lazy`, `meanfield` and `noise` are closed forms, small differential equations and runs at m = ∞;
`adiabatic` is t = Θ(m), `pspin` the glass that two of them need.
"""
