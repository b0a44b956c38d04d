"""Finite networks beside the theory."""
