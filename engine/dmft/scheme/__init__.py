"""Implicit time stepping of causal two-time equations, for any equation set.

The scheme owns the time nodes, BDF3 and its predictor, Anderson mixing, step control, thinning of
the far past, and what happens when a row has no solution.  It knows no physics.  An equation set
is one folder; this is all that the two know of each other:

    history   a NamedTuple with the stacks of `history.stacks`: t, scalars, correlations,
              responses, observables, transposed; further fields are the set's own, usually views
              of the stacks by name.  `observables[0]` never rises along a solution.
    kernels   card.sweep    one sweep of the fixed-point iteration for the newest row
              card.weigh    1/size of each unknown of the row
              card.sound    is a converged row on the physical branch?
              card.accept   observables of a row that is solved
              card.sizes    against what errors of the row count
              each an `overload` for the set's own History
    Equations what `stepping.Stepping` is given: the model that kernels receive, and how to
              allocate, start and rebuild a history
"""
