"""Does a limit hold?  The paper's steps (ii) and (iii).

`residual` inserts a regime's form into the finite-m equations, `collapse` compares runs at growing
width with its curve, `displacement` fits how far each layer moves.
"""
