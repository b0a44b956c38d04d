"""Maps of endings, errors and times over two settings at a time."""
