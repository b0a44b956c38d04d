"""`python -m dashboard`: the dashboard, wherever it stands; takes `streamlit run`'s options."""

import sys
from pathlib import Path

from streamlit.web import cli

if __name__ == "__main__":
    cli.main(["run", str(Path(__file__).parents[1] / "app.py"), *sys.argv[1:]])
