"""Both initialisations side by side, by theory and in a run."""
