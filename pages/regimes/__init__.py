"""Widths on one scaled axis, residuals of the forms, thresholds."""
