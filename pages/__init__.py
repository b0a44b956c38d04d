"""The pages, each in a folder of its own with what belongs to it alone."""

PAGES = {
    "explorer": ("Explorer", ":material/show_chart:"),
    "lazy_vs_mean_field": ("Lazy vs mean-field", ":material/balance:"),
    "regimes": ("Regimes and thresholds", ":material/map:"),
    "unequal": ("Unequal neurons", ":material/diversity_3:"),
    "maps": ("Maps", ":material/grid_on:"),
    "finding": ("Finding", ":material/lightbulb:"),
    "networks": ("Networks", ":material/hub:"),
    "digits": ("Real data", ":material/image:"),
    "lecture": ("Lecture", ":material/co_present:"),
    "exercises": ("Exercises", ":material/quiz:"),
    "theory": ("Theory", ":material/menu_book:"),
    "paper": ("Paper", ":material/library_books:"),
}
"""In the order of the navigation: a folder's name, which is its address, with title and icon."""
