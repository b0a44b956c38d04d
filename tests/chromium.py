"""Where the Chromium is that the browser tests drive; run it to print the path."""

import os
import shutil
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find() -> str | None:
    """The file that $CHROMIUM names, else the first of NAMES that is installed, else None."""
    named = os.environ.get("CHROMIUM")
    return next(filter(None, map(shutil.which, (named,) if named else NAMES)), None)


if __name__ == "__main__":
    print(find() or sys.exit("No Chromium found."))
