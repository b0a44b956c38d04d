"""`WHOLE` and `PART`: options of numba for a function that Python calls, and for what it calls.

numba optimises a function with all that it calls and makes machine code of it, and does so for
every function on the way up: what lies five calls deep is optimised six times.  Of a part it keeps
the code as it was translated, and the work is done once, for the whole that Python calls.  That
halves what our solvers take to compile, and they run as fast.
"""

from typing import Any

from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import Compiler


class _Part(JITCodeLibrary):
    """Code that waits for another to be linked into."""

    @property
    def codegen(self) -> "_NoEnvironments":
        return _NoEnvironments(self._codegen)

    def _optimize_final_module(self) -> None:
        pass

    def _finalize_final_module(self) -> None:
        self._finalize_dynamic_globals()
        self._finalized = True

    def get_pointer_to_function(self, name: str) -> int:
        """0: there is no machine code.  `name` is numba's for it."""
        self._ensure_finalized()
        return 0


class _NoEnvironments:
    """The generator of code of a part, which has no place in memory yet for its environment: the
    Python objects that raising and printing need.  `_WholeCompiler` lays it there."""

    def __init__(self, codegen: Any):
        self._codegen = codegen

    def __getattr__(self, name: str) -> Any:
        return getattr(self._codegen, name)

    def set_env(self, name: str, environment: Any) -> None:
        pass


class _PartCompiler(Compiler):
    """numba's steps, which end in a part."""

    def __init__(self, *context: Any):
        super().__init__(*context)
        self.state.library = _Part(self.state.targetctx.codegen(), "part")


class _WholeCompiler(Compiler):
    """numba's steps; then the parts get their environments, as numba gives them on loading."""

    def compile_extra(self, func: Any) -> Any:
        result = super().compile_extra(func)
        for environment in result._find_referenced_environments():
            result.library.codegen.set_env(environment.env_name, environment)
        return result


WHOLE: dict[str, Any] = {"pipeline_class": _WholeCompiler}
PART: dict[str, Any] = {"no_cpython_wrapper": True, "pipeline_class": _PartCompiler}
