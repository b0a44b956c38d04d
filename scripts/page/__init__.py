"""One HTML file with runs computed beforehand, for a course site or a USB stick: `make page`.

`grid` says which runs, `pack` makes each small, `build` puts the file together.  Curves, sphere and
words are the dashboard's own; page.js chooses between runs and computes none.
"""
