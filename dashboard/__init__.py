"""The interface shared by all pages: controls, links, computation, charts."""

import os

# Read once, when numpy is first imported.  The matrices are small and the queue has a worker for
# each core: more threads of the BLAS only wait for each other, ten times as long as they compute.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
