"""What computations return: curves of a run, tables of networks, and what they say in few numbers.

`trajectory` and `ensemble` are the results, `status` says how they ended, `files` writes them,
`keyfigures` reads them.
"""
