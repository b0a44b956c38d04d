"""What goes wrong with a sweep as a whole; what goes wrong in a cell is kept with the cell."""


class SweepError(ValueError):
    """A sweep, its file or its helpers cannot be used; says what is wrong and how to mend it."""
