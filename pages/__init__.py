"""The pages, each in a folder of its own with what belongs to it alone."""
