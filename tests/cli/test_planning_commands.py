"""Commands about planning, spending and doubles."""

from tests.cli.conftest import Command


def test_the_plan_is_told_with_its_reasons(command: Command) -> None:
    """After a run, the next plan begins with what came back, and says what it expects."""
    assert command("run", "--once", "--now").code == 0
    answer = command("plan", "freight", "--json").json()
    assert answer["planned"] == len(answer["exclusions"])
    assert answer["reasons"]["returned"] >= 1
    first = answer["exclusions"][0]
    assert (first["rank"], first["reason"]) == (1, "returned")
    assert 0 < first["chance"] <= 1
    assert "freight" in answer["looked_for"]
    told = command("plan", "freight", "--limit", "3").out
    assert "duplicates avoided" in told


def test_the_plan_of_one_country_is_told(command: Command) -> None:
    """The next one by default, one that is named, and the names where another is asked for."""
    divided = command.config.read_text().replace(
        'query = "', 'countries = ["Germany", "France"]\nquery = "companies in {country}: '
    )
    command.config.write_text(divided)
    assert command("run", "--once", "--now").code == 0
    assert {row["country"] for row in command("tasks", "--json").json()} == {"Germany", "France"}
    named = command("plan", "freight", "--country", "France", "--json").json()
    assert (named["country"], named["looked_for"].count("france")) == ("France", 1)
    assert command("plan", "freight", "--json").json()["country"] in {"Germany", "France"}
    wrong = command("plan", "freight", "--country", "Spain")
    assert wrong.code != 0
    assert "France, Germany" in wrong.err


def test_a_cap_that_leaves_out_what_would_come_back_is_told(command: Command) -> None:
    """The plan says then that asking country by country saves, and only then."""
    assert command("run", "--once", "--now").code == 0
    assert "{country}" not in command("plan", "freight").out
    roomy = command.config.read_text()
    command.config.write_text(roomy.replace("[extruct]", "[extruct]\nmax_exclusions = 1"))
    assert command("plan", "freight", "--json").json()["duplicates_expected"] > 3
    assert "A query with {country}" in command("plan", "freight").out


def test_a_search_that_does_not_exist_has_no_plan(command: Command) -> None:
    """The answer says where the names are."""
    command("db", "upgrade")
    answer = command("plan", "nothing")
    assert answer.code != 0
    assert "searches list" in answer.err + answer.out


def test_what_was_spent_is_told_by_search_and_month(command: Command) -> None:
    """Paid, new and wasted results add up, with the cost that the credits showed."""
    command("run", "--once", "--now")
    answer = command("spend", "--json").json()
    assert [month["search"] for month in answer["months"]] == ["robots", "freight"]
    freight = answer["months"][1]
    assert freight["paid"] > 0
    assert freight["new"] + freight["wasted"] + freight["below"] == freight["paid"]
    assert answer["credits_per_result"] is None or answer["credits_per_result"] > 0
    assert sum(freight["why"].values()) == freight["wasted"]
    assert "freight" in command("spend").out


def test_nothing_spent_is_said(command: Command) -> None:
    """An empty store has an answer too."""
    command("db", "upgrade")
    assert "Nothing was paid for yet" in command("spend").out


def test_a_verdict_is_remembered(command: Command) -> None:
    """Both companies are named by their keys."""
    command("db", "upgrade")
    answer = command("verdict", "different", "https://www.acme.de/", "acme.com")
    assert answer.code == 0
    assert "acme.de and acme.com are different companies" in answer.out
    (event,) = command("audit", "--event", "verdict.given", "--json").json()
    assert event["subject"] == "acme.de"
