"""Named tuples that kernels take by reference."""

import sys
from typing import NamedTuple

import numpy as np
import pytest
from numba import njit
from numba.core.errors import TypingError

from engine.bundles import bundle


@bundle
class Inner(NamedTuple):
    scale: float
    squares: np.ndarray


@bundle
class Outer(NamedTuple):
    count: int
    on: bool
    row: np.ndarray
    inner: Inner


@njit
def total(outer):
    """Called by a kernel, so it takes the reference on."""
    value = 0.0
    for k in range(outer.count):
        value += outer.inner.scale * outer.inner.squares[k, k] + outer.row[k]
    return value if outer.on else -value


@njit
def fill(outer):
    for k in range(outer.row.size):
        outer.row[k] = outer.row[k] + 1.0
    return total(outer)


def example(on=True) -> Outer:
    return Outer(2, on, np.array([1.0, 2.0, 3.0]), Inner(10.0, np.diag([1.0, 2.0])))


@pytest.mark.parametrize("on", [True, False])
def test_a_kernel_reads_numbers_arrays_and_bundles_in_bundles_and_writes_into_arrays(on):
    outer = example(on)
    expected = 2.0 + 3.0 + 10.0 * (1.0 + 2.0)
    assert fill(outer) == (expected if on else -expected)
    np.testing.assert_array_equal(outer.row, [2.0, 3.0, 4.0])


def test_a_kernel_keeps_no_reference_to_an_array_after_it_has_returned():
    outer = example()
    total(outer)
    before = sys.getrefcount(outer.row), sys.getrefcount(outer.inner.squares)
    for _ in range(3):
        total(outer)
    assert (sys.getrefcount(outer.row), sys.getrefcount(outer.inner.squares)) == before


def test_a_field_that_does_not_exist_is_named_when_the_kernel_is_compiled():
    with pytest.raises(TypingError, match="missing"):
        njit(lambda outer: outer.missing)(example())
