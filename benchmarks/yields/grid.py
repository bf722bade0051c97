"""The worlds that are tried: one thing varied at a time, extremes together, all drawn at once."""

from dataclasses import replace
from random import Random

from benchmarks.yields.worlds import WorldOptions

MIDDLE = WorldOptions()
GRID: dict[str, WorldOptions] = {
    "middle": MIDDLE,
    "few known (10 %)": replace(MIDDLE, held=0.1),
    "many known (50 %)": replace(MIDDLE, held=0.5),
    "every record tells": replace(MIDDLE, missing=0.0, misleading=0.0),
    "few records tell": replace(MIDDLE, missing=0.5, misleading=0.1),
    "trades hard to tell apart": replace(MIDDLE, clustered=0.25),
    "searches share nothing": replace(MIDDLE, shared=0.0),
    "searches share most": replace(MIDDLE, shared=0.8),
    "fast drift": replace(MIDDLE, drift=0.1),
    "rank has nothing to do with words": replace(MIDDLE, telling=0.0),
    "the vendor is fickle": replace(MIDDLE, taste=0.7),
    "countries badly kept": replace(MIDDLE, placeless=0.5, misplaced=0.1, offices=0.15),
    "small market": replace(MIDDLE, market=800),
    "large CRM (200,000)": replace(MIDDLE, crm=200_000, trades=600, lookalikes=600),
}
LARGEST = replace(MIDDLE, crm=1_000_000, trades=2_000, lookalikes=1_500)
"""Too long for every run; ``--largest`` adds it."""
EASIEST = {
    "all at its best": replace(
        MIDDLE, missing=0.0, misleading=0.0, shared=0.0, clustered=0.7, lookalikes=0
    )
}
GRID |= EASIEST


def _drawn(seed: int) -> WorldOptions:
    """Everything at once, by chance: no rule was made with one of these before one's eyes."""
    chance = Random(seed)  # noqa: S311 - worlds are to be repeatable, not secret
    return WorldOptions(
        crm=round(chance.uniform(5_000, 60_000)),
        market=round(chance.uniform(800, 4_000)),
        held=chance.uniform(0.1, 0.4),
        clustered=chance.uniform(0.3, 0.7),
        missing=chance.uniform(0.0, 0.4),
        misleading=chance.uniform(0.0, 0.1),
        shared=chance.uniform(0.0, 0.6),
        drift=chance.uniform(0.0, 0.06),
        telling=chance.uniform(0.0, 1.0),
        taste=chance.uniform(0.1, 0.6),
        lookalikes=round(chance.uniform(0, 400)),
        neighbours=chance.uniform(0.0, 0.3),
        trades=round(chance.uniform(60, 250)),
        placeless=chance.uniform(0.0, 0.4),
        misplaced=chance.uniform(0.0, 0.1),
        offices=chance.uniform(0.0, 0.12),
    )


GRID |= {f"drawn by chance ({number})": _drawn(number) for number in range(1, 5)}
