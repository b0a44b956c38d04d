"""The dynamical mean field theory of unequal neurons (C.7–C.21 of the paper, arXiv 2502.21269)."""
