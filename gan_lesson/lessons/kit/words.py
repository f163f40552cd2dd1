"""Numbers as a read-out writes them: a true minus sign, and no minus before 0."""

import numpy as np


def signed(number: float, places: int = 2) -> str:
    """Return a number with so many places."""
    text = f"{number:.{places}f}"
    return text.strip("-") if float(text) == 0 else text.replace("-", "−")


def significant(number: float, digits: int = 4) -> str:
    """Return a number with so many significant digits and no exponent."""
    if number == 0:
        return "0"
    text = np.format_float_positional(
        number, precision=digits, unique=False, fractional=False, trim="-"
    )
    return text.replace("-", "−")


def scientific(number: float, places: int = 4) -> str:
    """Return a number with so many places, in powers of ten where it is too small for them."""
    if not np.isfinite(number) or abs(number) > 1e6:
        return "over 10⁶"
    if number and abs(number) < 0.5 * 10.0**-places:
        mantissa, power = f"{number:.1e}".split("e")
        raised = str(int(power)).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
        return f"{mantissa}·10{raised}".replace("-", "−")
    return f"{number:.{places}f}".replace("-", "−")
