"""The engine's tests as other processors would run them, one row each:

    python -m tests.processors [--rows NAME ...] [--tests PATH ...]

A row picks the kernels of OpenBLAS by OPENBLAS_CORETYPE, or numba's instructions by
NUMBA_CPU_NAME; both round otherwise.  Rows whose instructions this processor lacks are left out.
Ends with 1 if a row fails.
"""

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

ROWS = {
    "Haswell": ({"OPENBLAS_CORETYPE": "Haswell"}, {"avx2", "fma"}),
    "Zen": ({"OPENBLAS_CORETYPE": "Zen"}, {"avx2", "fma"}),
    "SkylakeX": ({"OPENBLAS_CORETYPE": "SkylakeX"}, {"avx512f", "avx512dq", "avx512bw",
                                                     "avx512vl"}),
    "Prescott": ({"OPENBLAS_CORETYPE": "Prescott"}, {"pni"}),  # the kernel's name for SSE3
    "generic": ({"NUMBA_CPU_NAME": "generic"}, set()),
    "unset": ({}, set()),
}
"""Name: environment, and the instructions that it takes, as /proc/cpuinfo calls them."""
ROOT = Path(__file__).parents[1]


def instructions() -> set[str]:
    """What this processor has; nothing where the system does not say."""
    try:
        text = Path("/proc/cpuinfo").read_text()
    except OSError:
        return set()
    return set(next((line for line in text.splitlines() if line.startswith("flags")), "").split())


def passes(environment: dict[str, str], tests: list[str]) -> bool:
    known = {name for settings, _ in ROWS.values() for name in settings}
    kept = {name: value for name, value in os.environ.items() if name not in known}
    return subprocess.run([sys.executable, "-m", "pytest", "-q",
                           *tests], cwd=ROOT, env=kept | environment).returncode == 0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", nargs="+", choices=ROWS, default=list(ROWS))
    parser.add_argument("--tests", nargs="+", default=["tests/engine"])
    chosen = parser.parse_args()
    here, failed = instructions(), []
    for name in chosen.rows:
        environment, needed = ROWS[name]
        if missing := needed - here:
            print(f"== {name}: left out, this processor has no {', '.join(sorted(missing))}",
                  flush=True)
            continue
        print(f"== {name}", flush=True)
        begin = time.perf_counter()
        passed = passes(environment, chosen.tests)
        print(f"== {name}: {'passed' if passed else 'FAILED'}"
              f" in {time.perf_counter() - begin:.0f} s", flush=True)
        failed += [] if passed else [name]
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
