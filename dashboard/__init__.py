"""The interface shared by all pages: controls, links, computation, charts."""
