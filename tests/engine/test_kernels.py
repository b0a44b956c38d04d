"""Where compiled kernels are kept, and when they are compiled anew."""

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import engine.kernels
from engine.kernels import sources

ENGINE = Path(engine.kernels.__file__).parent
HEAD = "from engine.kernels import kernel\n"


def files(folder: Path, ending: str = "*.nb?") -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob(ending)}


def run(folder: Path, code: str, **environment: str) -> str:
    """What `code` prints in a new process with `folder` to import from."""
    kept = {key: value for key, value in os.environ.items() if key != "NUMBA_CACHE_DIR"}
    return subprocess.run([sys.executable, "-c", code], cwd=folder, text=True, check=True,
                          capture_output=True,
                          env=kept | {"PYTHONPATH": str(folder)} | environment).stdout.strip()


@pytest.fixture
def package(tmp_path) -> Path:
    """A folder with a package `engine` of two kernels, `caller.f` calling `callee.g`."""
    inside = tmp_path / "engine"
    inside.mkdir()
    for name in ("kernels.py", "parts.py"):
        shutil.copy(ENGINE / name, inside)
    (inside / "callee.py").write_text(f"{HEAD}\n@kernel()\ndef g():\n    return 1\n")
    (inside / "caller.py").write_text(f"{HEAD}from engine.callee import g\n\n"
                                      "@kernel()\ndef f():\n    return 10 * g()\n")
    return tmp_path


CALL = "from engine.caller import f; print(f(), sum(f.stats.cache_hits.values()))"


def test_a_kernel_is_loaded_from_disk_until_a_kernel_that_it_calls_changes(package):
    assert run(package, CALL) == "10 0"
    assert run(package, CALL) == "10 1"
    before = files(package)
    callee = package / "engine" / "callee.py"
    callee.write_text("# a line more\n" + callee.read_text().replace("return 1", "return 2"))
    assert run(package, CALL) == "20 0"
    assert run(package, CALL) == "20 1"
    assert files(package) == before, "old machine code is overwritten, none is left behind"


def test_what_is_called_is_compiled_with_its_caller_alone(package):
    assert run(package, CALL) == "10 0"
    assert {name.split("/")[-1].split("-")[0].split(".cpython")[0]
            for name in files(package)} == {"engine.caller.f"}
    both = "from engine.callee import g; from engine.caller import f; print(f(), g(), f())"
    assert run(package, both) == "10 1 10"


def test_what_a_kernel_that_is_called_raises_and_prints_comes_to_python(package):
    inside = package / "engine"
    (inside / "callee.py").write_text(
        f"{HEAD}\n@kernel()\ndef g(x):\n    if x < 0:\n        raise ValueError('negative', x)\n"
        "    print('seen', x)\n    return x\n")
    (inside / "caller.py").write_text(f"{HEAD}from engine.callee import g\n\n"
                                      "@kernel()\ndef f(x):\n    return 10 * g(x)\n")
    call = ("from engine.caller import f\ntry:\n    f(1)\n    f(-1)\nexcept ValueError as error:\n"
            "    print(error, sum(f.stats.cache_hits.values()))")
    for loaded in (0, 1):
        assert run(package, call) == f"seen 1\n('negative', -1) {loaded}"


def test_machine_code_for_a_class_that_has_moved_is_compiled_anew(package):
    inside = package / "engine"
    pair = "from typing import NamedTuple\n\n\nclass Pair(NamedTuple):\n    x: int\n"
    (inside / "first.py").write_text(pair)
    (inside / "taker.py").write_text(f"{HEAD}\n@kernel()\ndef f(pair):\n    return pair.x\n")
    call = "from engine.taker import f; from engine.{} import Pair; print(f(Pair(3)))"
    assert run(package, call.format("first")) == "3"
    (inside / "first.py").rename(inside / "second.py")
    assert run(package, call.format("second")) == "3"


def test_kernels_are_kept_where_numba_is_told_to_keep_them(package, tmp_path):
    told = tmp_path / "told"
    run(package, CALL, NUMBA_CACHE_DIR=str(told))
    assert files(told) and not files(package / "engine")
    assert run(package, CALL, NUMBA_CACHE_DIR=str(told)) == "10 1"


def test_kernels_are_kept_in_the_users_cache_if_the_package_cannot_be_written(package, tmp_path):
    (package / "engine" / "__pycache__").write_text("no folder can be made here")
    home = {"XDG_CACHE_HOME": str(tmp_path / "home")}
    run(package, CALL, **home)
    assert files(tmp_path / "home") and not files(package / "engine")
    assert run(package, CALL, **home) == "10 1"


def test_kernels_live_in_memory_where_nothing_can_be_written(package, tmp_path):
    (package / "engine" / "__pycache__").write_text("no folder can be made here")
    (tmp_path / "file").write_text("nor here")
    nowhere = {name: str(tmp_path / "file" / name)
               for name in ("HOME", "XDG_CACHE_HOME", "NUMBA_CACHE_DIR", "IPYTHONDIR")}
    assert run(package, CALL, **nowhere) == "10 0"


def test_a_disk_that_is_full_leaves_the_kernel_in_memory_and_no_part_of_a_file(package):
    full = ("import errno, os\n"
            "def replace(*_): raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))\n"
            "os.replace = replace\n")
    assert run(package, full + CALL) == "10 0"
    assert not files(package, "*.nb*")


@pytest.mark.parametrize("ending", ["*.nbi", "*.nbc"])
@pytest.mark.parametrize("damage", [
    lambda data: b"", lambda data: data[: len(data) // 2], lambda data: b"garbage" * 99,
    lambda data: data[:-9] + bytes([data[-9] ^ 1]) + data[-8:]],
    ids=["empty", "cut", "other", "one bit"])
def test_a_damaged_file_is_passed_over_and_written_anew(package, ending, damage):
    run(package, CALL)
    for path in package.rglob(ending):
        path.write_bytes(damage(path.read_bytes()))
    assert run(package, CALL).startswith("10 ")
    assert run(package, CALL) == "10 1"


def test_machine_code_for_other_types_is_not_taken_for_what_was_asked(package):
    """Two processes that save at the same time give their code the same number."""
    inside = package / "engine"
    (inside / "double.py").write_text(f"{HEAD}\n@kernel()\ndef f(x):\n    return x + x\n")
    call = "from engine.double import f; print(f({}))"
    assert run(package, call.format("1")) == "2"
    code = next(package.rglob("*double.f.*.nbc"))
    other = code.read_bytes()
    code.unlink()
    next(package.rglob("*double.f.*.nbi")).unlink()
    assert run(package, call.format("0.5")) == "1.0"
    code.write_bytes(other)
    assert run(package, call.format("0.5")) == "1.0"


def test_two_processes_share_a_folder_of_kernels(package):
    both = [subprocess.Popen([sys.executable, "-c", CALL], cwd=package, text=True,
                             stdout=subprocess.PIPE, env=os.environ | {"PYTHONPATH": str(package)})
            for _ in range(2)]
    assert [process.communicate(timeout=120)[0].split()[0] for process in both] == ["10", "10"]
    assert run(package, CALL) == "10 1"


def test_importing_the_engine_leaves_the_kernels_of_others_alone(tmp_path):
    (tmp_path / "own.py").write_text(
        "import numba\nbefore = numba.config.CACHE_DIR\nimport engine.network\n"
        "assert numba.config.CACHE_DIR == before\n"
        "@numba.njit(cache=True)\ndef f():\n    return 1\n")
    run(tmp_path, "import own; own.f()", PYTHONPATH=f"{tmp_path}{os.pathsep}{ENGINE.parent}")
    assert any("own.f" in name for name in files(tmp_path))
    assert not any("own.f" in name for name in files(ENGINE))


CARD = ENGINE / "dmft" / "scheme" / "card.py"


def kernel_files() -> list[Path]:
    return [path for path in ENGINE.rglob("*.py")
            if HEAD.strip() in path.read_text() and path.name != "kernels.py"]


def test_every_compiled_function_of_the_engine_is_a_kernel():
    assert len(kernel_files()) > 3
    for path in ENGINE.rglob("*.py"):
        if path.name != "kernels.py":
            assert "njit" not in path.read_text(), path


def source_of(module: str, name: str) -> Path:
    """The file that `from module import name` takes the name from."""
    folder = ENGINE.parent / module.replace(".", "/")
    inside = folder / f"{name}.py"
    return inside if inside.exists() else folder.with_suffix(".py")


@pytest.mark.parametrize("path", kernel_files(), ids=lambda path: str(path.relative_to(ENGINE)))
def test_whatever_a_kernel_takes_from_the_engine_is_part_of_the_fingerprint(path):
    module = ast.parse(path.read_text())
    origin = {alias.asname or alias.name: source_of(node.module, alias.name)
              for node in ast.walk(module)
              if isinstance(node, ast.ImportFrom) and node.module.startswith("engine")
              for alias in node.names}
    for function in ast.walk(module):
        if isinstance(function, ast.FunctionDef) and any(
                ast.unparse(decorator).startswith("kernel(")
                for decorator in function.decorator_list):
            body = ast.walk(ast.Module(function.body, []))
            for name in {node.id for node in body if isinstance(node, ast.Name)} & set(origin):
                # What stands on the card has its bodies, by `overload`, in files that hold kernels.
                assert origin[name] in [*sources(ENGINE), CARD], f"{function.name} uses {name}"


def test_what_lies_on_disk_is_known_by_the_types_it_was_compiled_for(package):
    ask = ("from engine.caller import f; from engine.kernels import on_disk;"
           "print(on_disk(f, ''), on_disk(f, 'float64'))")
    assert run(package, ask) == "False False"
    run(package, "from engine.caller import f; f()")
    assert run(package, ask) == "True False"
