"""Where numba keeps the compiled kernels: a folder named after the sources of all of them.

Numba notices a change in a kernel's own file but not in the files of the kernels it calls, so
after an update it would go on using machine code made from the old ones.  Imported before the
first kernel.
"""

import hashlib
from pathlib import Path

import numba

_HERE = Path(__file__).parent


def fingerprint(folder: Path = _HERE) -> str:
    """A short hash of every Python file in `folder`."""
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


# If the folder cannot be written, numba falls back to the user's own cache.
numba.config.CACHE_DIR = str(
    Path(numba.config.CACHE_DIR or _HERE / "__pycache__") / f"kernels-{fingerprint()}")
