"""What all tests share."""

import os
import subprocess
import sys
from pathlib import Path

from hypothesis import settings

# A machine that is busy must not fail a test; the checks of CI are the same at every run.
settings.register_profile("project", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("project")

# The process that compiles a kernel runs other machine code than those that load it from the
# cache, rounds otherwise, and may take another number of steps.  Compiled beforehand, the kernels
# are the same here, in the command line's processes and in the dashboard's.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
if "PYTEST_XDIST_WORKER" not in os.environ:
    subprocess.run([sys.executable, "-c", "from engine import Parameters, solve;"
                    "solve(Parameters()); solve(Parameters(m=16, spread=0.1))"],
                   cwd=Path(__file__).parents[1], check=True)
