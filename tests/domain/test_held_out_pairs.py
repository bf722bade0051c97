"""Matching measured on pairs of companies that its rules were not written for, at first.

Both sets were labelled before they were measured, by what a careful person says from the listed
facts alone; the first without a look at the code of the rules, the second, by the same hand, after
it. Both were then used to mend general rules, so that what they give now says little about other
companies. At their first measurements they gave:

``held_out_pairs.jsonl`` (300 pairs): certain is right in 86.0 % (43 of 50), certain and probable
find 87.9 % (145 of 165), held in vain 18.5 % (25 of 135).

``held_out_pairs_2.jsonl`` (150 pairs): certain is right in 95.2 % (20 of 21), certain and probable
find 86.7 % (72 of 83), held in vain 20.9 % (14 of 67).

The floors below are what was reached, not what is wanted: raise them with the rules, never lower
them.
"""

import pytest

from tests.domain.labelled_pairs import load_pairs, measure

FIRST = "held_out_pairs.jsonl"
SECOND = "held_out_pairs_2.jsonl"


@pytest.mark.parametrize(("file_name", "size"), [(FIRST, 300), (SECOND, 150)])
def test_a_held_out_set_has_enough_who_only_look_alike(file_name: str, size: int) -> None:
    """Each set has its size, no pair twice, and at least four in ten are two companies."""
    pairs = list(load_pairs(file_name))
    assert len(pairs) == size
    assert len({pair.id for pair in pairs}) == size
    assert len({(pair.found.name, pair.found.website, pair.known.name) for pair in pairs}) == size
    assert sum(not pair.same for pair in pairs) >= 0.4 * size


def test_the_two_sets_share_no_company() -> None:
    """The second set was to prove something about companies that the first was not tuned on."""
    names, others = (
        {
            name.casefold()
            for pair in load_pairs(each)
            for name in (pair.found.name, pair.known.name)
        }
        for each in (FIRST, SECOND)
    )
    assert names.isdisjoint(others)


@pytest.mark.parametrize(
    ("file_name", "precision", "recall", "held"),
    [(FIRST, 0.99, 0.98, 0.19), (SECOND, 0.99, 0.98, 0.15)],
)
def test_matching_is_no_worse_than_it_was(
    file_name: str,
    precision: float,
    recall: float,
    held: float,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Certain is right in 99 %, 98 % are found, and no more is held in vain than was reached."""
    pairs = list(load_pairs(file_name))
    figures = measure(pairs)
    with capsys.disabled():
        print(f"\n{file_name}, {len(pairs)}: {figures}")  # noqa: T201 - wanted in every run
    assert figures.precision >= precision, figures.wrong
    assert figures.recall >= recall, figures.wrong
    assert figures.held <= held, figures.wrong
