"""`python -m dashboard`: the dashboard, wherever it stands; takes `streamlit run`'s options."""

import os
import sys

from dashboard.service import router

if __name__ == "__main__":
    if router.WORKER in os.environ:
        from dashboard.service import worker
        worker.serve(sys.argv[1:])
    else:
        sys.exit(router.main(sys.argv[1:]))
