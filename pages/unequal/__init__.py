"""The page on neurons that differ: an editor of groups, their curves, overlaps and shares."""
