from pathlib import Path

import pytest

from daemon.__main__ import run
from tests.cli.conftest import Command


@pytest.mark.parametrize(
    "arguments",
    [
        ("nonsense",),
        ("searches", "--nonsense"),
        ("pushes", "approve"),
        ("pushes", "approve", "first"),
        ("pushes", "--state", "lost"),
        ("run", "--now"),
        ("run", "--json"),
        ("run", "freight"),
        ("sandbox", "--faults", "2"),
        ("crm",),
        ("connectors", "new", "Not A Name"),
    ],
)
def test_a_wrong_command_line_gives_2_and_words(alone: Command, arguments: tuple[str, ...]) -> None:
    """What the command line does not allow ends with 2, and is explained in words."""
    answer = alone(*arguments)
    assert answer.code == 2
    assert answer.err or "Usage" in answer.out


def test_no_command_at_all_shows_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    """``prospectd`` alone tells what there is, and ends with 2."""
    assert run([]) == 2
    out, err = capsys.readouterr()
    assert "Commands" in out + err


def test_a_missing_configuration_gives_2(alone: Command, tmp_path: Path) -> None:
    """A file that is not there is said by its name."""
    alone.config = tmp_path / "nowhere.toml"
    answer = alone("searches")
    assert answer.code == 2
    assert "nowhere.toml" in answer.err


def test_a_broken_configuration_tells_every_problem(alone: Command) -> None:
    """All that is wrong is said together, each once and by its key path, and the code is 2."""
    text = alone.config.read_text(encoding="utf-8")
    text = text.replace('push = "review"', 'push = "perhaps"\ntimezone = "Mars"')
    alone.config.write_text(text + "\n[nonsense]\nkey = 1\n", encoding="utf-8")
    answer = alone("check")
    assert answer.code == 2
    for key in ("searches.robots.push", "searches.robots.timezone", "nonsense"):
        assert sum(key in line for line in answer.err.splitlines()) == 1, answer.err


@pytest.mark.parametrize("arguments", [("run", "--once"), ("crm", "sync"), ("tasks", "adopt", "x")])
def test_a_missing_token_is_said_before_anything_starts(
    alone: Command, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    """Commands that ask a vendor name every variable that is missing, with 2, and touch nothing."""
    answer = alone(*arguments)
    assert answer.code == 2
    assert "EXTRUCT_API_TOKEN" in answer.err
    assert "HUBSPOT_TOKEN" in answer.err
    assert not list(tmp_path.glob("store.db*"))


def test_an_unknown_search_or_connector_is_named(command: Command) -> None:
    """``run --once SEARCH`` and ``crm sync CONNECTOR`` say what there is instead."""
    answer = command("run", "--once", "--now", "nope")
    assert answer.code == 2
    assert "nope" in answer.err
    assert "freight, robots" in answer.err
    answer = command("crm", "sync", "nope")
    assert answer.code == 2
    assert "crm" in answer.err


@pytest.mark.parametrize("listing", ["searches", "tasks", "companies", "pushes", "audit", "status"])
def test_a_listing_of_a_store_that_is_not_there_makes_none(
    alone: Command, tmp_path: Path, listing: str
) -> None:
    """Whoever only looks creates no database; it is said what to do, once, with 1."""
    answer = alone(listing)
    assert answer.code == 1
    assert len(answer.err.splitlines()) == 1
    assert "prospectd db upgrade" in answer.err
    assert not list(tmp_path.glob("store.db*"))
