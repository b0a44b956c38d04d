"""What pages stand on: computations, links, the visitor's settings, the server."""
