"""Handwritten digits: the same decoupling where nothing is Gaussian."""
