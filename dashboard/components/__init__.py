"""What more than one page shows: controls, charts, tables, downloads."""
