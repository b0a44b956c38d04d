"""The kernels that an equation set provides, as the scheme calls them, and all else it provides.

The functions have no body here: each equation set gives them one for its own History, with
`provide`, so the scheme's kernels are compiled anew for every set and call its
kernels directly.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from numba.extending import overload

from engine.parts import PART


def sweep(H, model, row, step, new):
    """From the newest row's unknowns in H to their new values in the vector `new`.

    The order in `new` is that of `row.gather`: all scalars, then the rows of the correlations.
    Solves the row's responses on the way.  False if there is no response at equal times.
    """
    raise NotImplementedError


def weigh(H, model, step, weight):
    """Write 1/size of each unknown into `weight`, so that a residual of 1 is an error of 100 %."""
    raise NotImplementedError


def sound(H, row, n):
    """Is the converged row n a solution to go on from?"""
    raise NotImplementedError


def accept(H, model, n):
    """Write the observables of row n, which is solved and mirrored."""
    raise NotImplementedError


def sizes(H, model, n, size, leaving):
    """Write the sizes against which errors of the newest row count, inf where they do not.

    One for each scalar, then one for each observable: in `size` for the distance to what the
    rows before predict, in `leaving` for growth off a plateau.
    """
    raise NotImplementedError


def provide(history, *kernels):
    """Make `kernels`, each named after one of the functions above, its body for H: `history`."""
    for one in kernels:
        _provide(history, globals()[one.__name__], one)


def _provide(history, function, body):
    # The Python function of the kernel: its compiled form would be one more layer of calls.
    @overload(function, jit_options=body.targetoptions | PART, strict=False)
    def _(H, *rest):
        return body.py_func if getattr(H, "instance_class", None) is history else None


@dataclass(frozen=True)
class Equations:
    """An equation set with its numbers and its start, as the scheme takes it.

    model           numbers for the kernels, passed through
    allocate        a History for so many rows
    allocate_row    work space of a sweep for so many rows
    start           writes row 0 without its observables
    rebuild         mends rows 0 … n−1 of a History after thinning
    fastest         time of the fastest relaxation at the start
    label_variance  of the labels, beside which a train error is small
    names           of the scalars, then of the observables, the train error first
    falling         what never climbs along a solution, of a row (t, scalars, observables): the
                    objective whose gradient flow it is
    """

    model: NamedTuple
    allocate: Callable[[int], Any]
    allocate_row: Callable[[int], NamedTuple]
    start: Callable[[Any], None]
    rebuild: Callable[[Any, int], None]
    fastest: float
    label_variance: float
    names: tuple[str, ...]
    falling: Callable[[Sequence[float]], float]
