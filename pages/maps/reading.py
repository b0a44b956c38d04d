"""Sentences about a map, counted from its table."""

from functools import lru_cache

import pandas as pd

from engine import TABLE
from pages.maps.tables import ENDINGS, QUANTITIES, StoredMap

DO = {"rests": "rest", "overfits": "overfit", "at once": "interpolate at once",
      "unfinished": "did not finish"}
WHO = {"identical": "identical neurons", "unequal": "neurons that differ"}


@lru_cache(maxsize=16)
def summary(one: StoredMap) -> str:
    """How many cells end how, for each kind of neurons, and what the difference changes."""
    said = []
    for kind in one.neurons:
        count = one.table[one.table["neurons"] == kind]["ending"].value_counts()
        parts = [f"{count[name]} {DO[name]}" for name in ENDINGS if name in count]
        said.append(f"Of {count.sum()} runs of {WHO[kind]} {', '.join(parts)}.")
    if len(one.neurons) == 2:
        before, after = (one.grid("ending", kind) for kind in one.neurons)
        leave = int(((before == "rests") & (after == "overfits")).to_numpy().sum())
        said.append(f"{leave or 'None'} of those that rest with identical neurons"
                    f" overfit{'s' if leave == 1 else ''} once neurons differ.")
    said.append("To rest: train and test error stay together, within a factor of two. To overfit:"
                " the train error ends below half of the test error. At once: it interpolates with"
                " γ within 2 % of its start.")
    return " ".join(said)


@lru_cache(maxsize=64)
def table(one: StoredMap, quantity: str, kind: str) -> pd.DataFrame:
    """One quantity of one kind of neurons in words, to be read and not changed."""
    grid, said = one.grid(quantity, kind), QUANTITIES[quantity].said
    return grid if quantity == "ending" else grid.map(lambda x: "–" if pd.isna(x) else said(x))


def note(one: StoredMap, quantity: str) -> str:
    """What has to be known of one quantity."""
    if quantity != "e_folding_per_m" or not one.kinds(quantity):
        return ""
    resting = one.table[(one.table["neurons"] == "identical") & (one.table["ending"] == "rests")]
    found = resting[quantity]
    grow, shrink = int((found > 0).sum()), int((found < 0).sum())
    parts = [f"small differences between neurons grow in {grow}",
             *([f"shrink in {shrink}, grey here"] if shrink else []),
             *([f"could not be followed to the end in {found.isna().sum()}"]
               if found.isna().any() else [])]
    return (f" Of the {len(resting)} runs of identical neurons that rest, {', '.join(parts)}:"
            " the average over the second half of the run, to first order in the differences.")


def provenance(one: StoredMap) -> str:
    """What the map was made with."""
    made = one.made
    fixed = ", ".join(f"{TABLE[name].symbol} = {TABLE[name].write(value)}"
                      for name, value in made["fixed"].items() if name not in ("init", "h"))
    unequal = "" if one.y == "spread" else \
        f" Neurons that differ: {made['unequal']['groups']} groups, a spread of" \
        f" {100 * made['unequal']['spread']:.0f} % in a(0)."
    return (f"Fixed: {made['fixed']['init']}, {made['fixed']['h']} h, {fixed}; t up to"
            f" {made['t_per_m']:.0f} m, rtol = {made['rtol']:g}.{unequal} Made by"
            f" `{made['command']}` with engine {made['engine'].split('+')[0]}.")
