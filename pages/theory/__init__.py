"""Model, equations, large width, symbols, limits."""
