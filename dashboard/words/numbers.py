"""How numbers are written in sentences and tables."""

import math

SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def number(x: float | None, digits: int = 3, error: float = 0.0) -> str:
    """x to a few significant digits: 0.0517, 1920, 6.14×10⁴; a dash for None, 0 for rounding.

    No digit is written whose unit is less than `error`: 3963 with an error of 270 is 4000, and
    what is not known to differ from 0 is 0.
    """
    if x is None:
        return "–"
    if abs(x) < max(1e-15, error):
        return "0"
    if error > 0:
        certain = math.floor(math.log10(abs(x))) - math.ceil(math.log10(error)) + 1
        digits = min(digits, max(certain, 1))
    mantissa, exponent = f"{x:.{digits - 1}e}".split("e")
    if -4 <= int(exponent) <= 3:
        text = f"{float(f'{x:.{digits}g}'):.{max(digits - 1 - int(exponent), 0)}f}"
    else:
        text = f"{mantissa}×10{str(int(exponent)).translate(SUPERSCRIPT)}"
    return text.replace("-", "−")


def percent(x: float, sign: bool = False) -> str:
    """x as a percentage with two digits: 3.4 %, +12 %."""
    digits = 1 if abs(x) < 0.0995 else 0
    return f"{100 * x:{'+' if sign else ''}.{digits}f} %".replace("-", "−")
