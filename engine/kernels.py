"""`kernel`: a function compiled by numba, kept on disk until a source of any kernel changes.

numba's own cache notices a change in a kernel's file but not in the files of the kernels it
calls, so after an update it would go on using machine code made from the old ones.
"""

import functools
import hashlib
import io
import pickle
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from numba import njit
from numba.core.caching import FunctionCache, IndexDataCacheFile

from engine.parts import PART, WHOLE

_ENGINE = Path(__file__).parent
Function = TypeVar("Function", bound=Callable[..., Any])
_MARKS = (b"from engine.kernels import", b"(NamedTuple)", b"from numba")


def kernel(**options: Any) -> Callable[[Function], Function]:
    """Decorator: `numba.njit(**options)` without the interpreter's lock, with numpy's division
    by zero, and kept on disk in the folder that numba chooses (NUMBA_CACHE_DIR, else beside
    the source, else the user's own cache).  Where nothing can be written it lives in memory.

    A kernel's constants must stand in a file that holds kernels: others are no part of what is
    compared.
    """
    chosen: dict[str, Any] = {
        "nogil": True, "error_model": "numpy", "no_cfunc_wrapper": True} | options

    compiled: Callable[..., Any] = njit  # whose stubs lack options that numba documents

    def decorate(function: Function) -> Function:
        called: Any = compiled(**chosen, **WHOLE)(function)
        _keep(called, function)
        # Other kernels call it without the code that reads Python's objects, and compile it.
        inner: Any = compiled(**chosen, **PART)(function)
        called.get_call_template, called.get_overload = inner.get_call_template, inner.get_overload
        return called
    return decorate


def _keep(compiled: Any, function: Callable[..., Any]) -> None:
    """Keep machine code on disk, if there is any folder that can be written."""
    with suppress(RuntimeError):  # numba's, when it has tried them all
        compiled._cache = _KernelCache(function)


def on_disk(compiled: Any, types: str) -> bool | None:
    """Whether a kernel lies on disk, compiled for this processor and for types in whose names
    `types` stands; None where kernels are not kept."""
    kept = getattr(compiled._cache, "_cache_file", None)
    if kept is None:
        return None
    here = compiled.targetctx.codegen().magic_tuple()
    return any(types in str(signature) and target == here
               for signature, target, *_ in kept._load_index())


@functools.cache
def fingerprint() -> str:
    """Hash of the engine's files that `digest` looks at; read once, as imports are."""
    return digest(_ENGINE)


def digest(folder: Path) -> str:
    """Hash of the names and bytes of `sources`."""
    digest = hashlib.sha256()
    for path in sources(folder):
        digest.update(str(path.relative_to(folder)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def sources(folder: Path) -> list[Path]:
    """The Python files in and below `folder` that hold kernels or named tuples, which kernels
    take, or tell numba how to compile them; so does this one."""
    return [path for path in sorted(folder.rglob("*.py"))
            if any(mark in path.read_bytes() for mark in _MARKS)]


class _KernelCache(FunctionCache):
    """numba's cache of one function with changes, none of them outside this object.

    What is compared with the file on disk is the fingerprint.  The file is named after the
    function without its line, so that an edit overwrites old machine code and leaves none behind.
    """

    def __init__(self, function: Callable[..., Any]):
        super().__init__(function)
        name = (f"{function.__module__}.{function.__qualname__}"
                f".{sys.implementation.cache_tag}")
        self._cache_file = _Files(cache_path=self.cache_path, filename_base=name,
                                  source_stamp=fingerprint())
        # Compared before anything else is read: the rest may name classes that are gone.
        self._cache_file._version += fingerprint()

    def save_overload(self, sig: Any, data: Any) -> None:
        with suppress(OSError):  # a full disk, or one that has become read-only
            super().save_overload(sig, data)


class _Files(IndexDataCacheFile):
    """numba's files, of which it is certain that they hold what was asked for: a file that is cut
    off or damaged, or that another process has overwritten with other types, counts as missing."""

    def save(self, key: Any, data: Any) -> None:
        super().save(key, (key, data))

    def load(self, key: Any) -> Any:
        found, data = super().load(key) or (None, None)
        return data if found == key else None

    @contextmanager
    def _open_for_write(self, filepath: str) -> Iterator[io.BytesIO]:
        content = io.BytesIO()
        yield content
        with super()._open_for_write(filepath) as file:
            file.write(hashlib.sha256(content.getvalue()).digest() + content.getvalue())

    def _load_index(self) -> dict[Any, str]:
        try:
            file = self._opened(self._index_path)
        except OSError:
            return {}
        if pickle.load(file) != self._version:
            return {}
        stamp, names = pickle.load(file)
        return names if stamp == self._source_stamp else {}

    def _load_data(self, name: str) -> Any:
        return pickle.load(self._opened(self._data_path(name)))

    @staticmethod
    def _opened(path: str) -> io.BytesIO:
        """What `_open_for_write` wrote.  Raises OSError, which numba takes for a missing file."""
        stored = Path(path).read_bytes()
        digest, content = stored[:32], stored[32:]
        if hashlib.sha256(content).digest() != digest:
            raise OSError(f"{path} is damaged")
        return io.BytesIO(content)
