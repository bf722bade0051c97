"""Matching measured on pairs of companies that its rules were not written for, at first.

The sets were labelled before they were measured, by what a careful person says from the listed
facts alone; the first and the third without a look at the code of the rules, the second, by the
hand of the first, after it. The first three were then used to mend general rules, so that what they
give now says little about other companies. At their first measurements they gave:

``held_out_pairs.jsonl`` (300 pairs): certain is right in 86.0 % (43 of 50), certain and probable
find 87.9 % (145 of 165), held in vain 18.5 % (25 of 135).

``held_out_pairs_2.jsonl`` (150 pairs): certain is right in 95.2 % (20 of 21), certain and probable
find 86.7 % (72 of 83), held in vain 20.9 % (14 of 67).

``held_out_pairs_3.jsonl`` (150 pairs): certain is right in 84.9 % (73 of 86), certain and probable
find 98.8 % (80 of 81), held in vain 14.5 % (10 of 69). All 13 wrong ones were two companies on one
website. They are held now, which is why more of the look-alikes are.

``held_out_pairs_4.jsonl`` (150 pairs, labelled together with the third) was measured once, after
all that, and no rule was changed for it: certain is right in 98.6 % (73 of 74), certain and
probable find 100 % (81 of 81), held in vain 33.3 % (23 of 69). These are the honest figures for
hard pairs.

The floors below are what was reached, not what is wanted: raise them with the rules, never lower
them.
"""

import pytest

from tests.domain.labelled_pairs import load_pairs, measure

FIRST = "held_out_pairs.jsonl"
SECOND = "held_out_pairs_2.jsonl"
THIRD = "held_out_pairs_3.jsonl"
UNTOUCHED = "held_out_pairs_4.jsonl"
ALL = ("pairs.jsonl", FIRST, SECOND, THIRD, UNTOUCHED)
MOST_DOUBTED = 0.01
"""Of those who are the same and share a website; 0.08 is the most that people should be asked."""


@pytest.mark.parametrize(
    ("file_name", "size"), [(FIRST, 300), (SECOND, 150), (THIRD, 150), (UNTOUCHED, 150)]
)
def test_a_held_out_set_has_enough_who_only_look_alike(file_name: str, size: int) -> None:
    """Each set has its size, no pair twice, and at least four in ten are two companies."""
    pairs = list(load_pairs(file_name))
    assert len(pairs) == size
    assert len({pair.id for pair in pairs}) == size
    assert len({(pair.found.name, pair.found.website, pair.known.name) for pair in pairs}) == size
    assert sum(not pair.same for pair in pairs) >= 0.4 * size


def test_the_first_two_sets_share_no_company() -> None:
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
    [
        (FIRST, 0.99, 0.98, 0.19),
        (SECOND, 0.99, 0.98, 0.15),
        (THIRD, 0.99, 0.98, 0.34),
        (UNTOUCHED, 0.98, 0.99, 0.34),
    ],
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


def test_one_website_is_nearly_always_one_company(capsys: pytest.CaptureFixture[str]) -> None:
    """Of all who are the same and share a website hardly any is held for a person."""
    figures = [measure(list(load_pairs(file_name))) for file_name in ALL]
    doubted = sum(each.doubted for each in figures)
    shared = sum(each.on_one_domain for each in figures)
    with capsys.disabled():
        print(f"\nheld, though the same and on one website: {doubted} of {shared}")  # noqa: T201 - wanted in every run
    assert shared >= 250
    assert doubted <= MOST_DOUBTED * shared, [each.wrong for each in figures]


def test_over_all_labelled_pairs_certain_is_right_and_hardly_anyone_is_missed() -> None:
    """Of all that is certain 99 % are the same company; of all that are the same 95 % are found."""
    figures = measure([pair for file_name in ALL for pair in load_pairs(file_name)])
    assert figures.precision >= 0.99, figures.wrong
    assert figures.recall >= 0.95, figures.wrong
