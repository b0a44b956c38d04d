"""Predict, then reveal."""
