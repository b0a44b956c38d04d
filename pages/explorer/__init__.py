"""One run: its curves, its account, a second run to compare with."""
