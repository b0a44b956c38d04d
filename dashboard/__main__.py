"""`python -m dashboard`: the dashboard, wherever it stands; takes `streamlit run`'s options.

On Linux with several processes; elsewhere a connection handed over can be lost, and there is one.
"""

import os
import sys
from pathlib import Path

if __name__ == "__main__":
    if sys.platform != "linux":
        from streamlit.web import cli
        cli.main(["run", str(Path(__file__).parents[1] / "app.py"), *sys.argv[1:]])
    else:
        from dashboard.service import router
        if router.CHANNEL in os.environ:
            from dashboard.service import worker
            worker.serve(sys.argv[1:])
        else:
            sys.exit(router.main(sys.argv[1:]))
