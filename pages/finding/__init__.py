"""The page on what unequal neurons change: text in Markdown, figures from stored results."""
