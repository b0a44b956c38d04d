"""Scripts that make the stored results beside them; each prints what it found."""
