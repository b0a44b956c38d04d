"""Questions and tasks that the run checks."""
