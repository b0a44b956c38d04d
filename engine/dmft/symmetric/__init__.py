"""SymmDMFT: the equations of neurons that are alike in law (C.29–C.46 of the paper)."""
