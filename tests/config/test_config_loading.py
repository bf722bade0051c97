import string
from collections.abc import Callable, Mapping
from dataclasses import FrozenInstanceError
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from connectors.sdk.protocol import ConnectorPlugin
from daemon.config import Config, ConfigProblems, Problem, load_config
from daemon.config.checking import Checker
from daemon.config.documents import Document, SourceFile
from daemon.config.models import SECTIONS, listen_address
from daemon.config.searches import SearchOptions, Surroundings
from daemon.domain.searches import Criterion, PushMode, TableTarget

Load = Callable[..., Config]
Refused = Callable[..., Mapping[str, str]]
TASK = "123e4567-e89b-12d3-a456-426614174000"


def search(**keys: str) -> str:
    lines = {"query": '"freight"', **keys}
    return "[searches.x]\n" + "\n".join(f"{key} = {value}" for key, value in lines.items())


def criterion(**keys: str) -> str:
    lines = {"key": '"a"', "name": '"A"', "criterion": '"long enough to be one"', **keys}
    return "\n[[searches.x.criteria]]\n" + "\n".join(f"{k} = {v}" for k, v in lines.items())


def test_an_empty_file_is_all_defaults(load: Load) -> None:
    """A file without a line is a valid configuration, with the vendor's limits of today."""
    config = load("")
    assert config.store.url == "sqlite:///prospectd.db"
    assert config.extruct.max_exclusions == 1000
    assert config.extruct.poll_every == timedelta(seconds=10)
    assert config.http.address == ("127.0.0.1", 8080)
    assert config.daemon.shutdown_grace == timedelta(seconds=25)
    assert not config.searches
    assert not config.connectors


def test_a_config_never_changes(load: Load) -> None:
    """Neither the whole, nor a section, nor the searches can be changed once it is loaded."""
    config = load(search())
    with pytest.raises(FrozenInstanceError):
        config.path = Path("other")  # type: ignore[misc]  # that is the point
    with pytest.raises(ValidationError):
        config.store.url = "sqlite:///other.db"  # type: ignore[misc]  # that is the point
    with pytest.raises(TypeError):
        config.searches["y"] = config.searches["x"]  # type: ignore[index]  # that is the point


def test_a_search_becomes_the_cores_value(load: Load) -> None:
    """Every input of the vendor's contract can be set for a search and reaches its definition."""
    text = (
        search(
            push='"review"',
            auto_data_sources="false",
            data_sources='["maps", "linkedin"]',
            exclude_domains='["https://www.Acme.com/about", "beta.io"]',
            exclude_task_ids=f'["{TASK}"]',
            properties='{ note = "Found by {search}" }',
            sizes='["1-10"]',
            target="2000",
        )
        + f'\ntable = {{ id = "{TASK}", run = true, columns = ["{TASK}"] }}'
        + criterion(min_grade="4")
    )
    found = load(text).searches["x"]
    assert found.name == "x"
    assert found.push is PushMode.REVIEW
    assert found.data_sources == ("maps", "linkedin")
    assert found.exclude_domains == ("acme.com", "beta.io")
    assert found.exclude_task_ids == (TASK,)
    assert found.table == TableTarget(id=TASK, run=True, columns=(TASK,))
    assert found.properties == {"note": "Found by {search}"}
    assert found.criteria == (
        Criterion(key="a", name="A", criterion="long enough to be one", min_grade=4),
    )
    assert (found.sizes, found.target) == (("1-10",), 2000)


def test_connectors_are_read_by_their_plugins(load: Load) -> None:
    """A connector's table is validated by the options of the plugin of its type."""
    config = load('[connectors.crm]\ntype = "hubspot"\npage_size = 50\nsweep_every = "7d"')
    options = config.connectors["crm"]
    assert type(options).__name__ == "HubSpotLike"
    assert options.sweep_every == timedelta(days=7)


def test_everything_is_told_at_once(
    found: Callable[..., tuple[Problem, ...]], tmp_path: Path
) -> None:
    """All problems of all tables come together, in the file's order, each with its line."""
    text = """
    [extruct]
    poll_evry = "10s"
    max_exclusions = "1000"
    [connectors.crm]
    type = "hubspott"
    [searches.x]
    desired_num_results = 251
    push_to = ["cmr"]
    [[searches.x.criteria]]
    key = "1st"
    name = ""
    criterion = "short"
    min_grade = 6
    """
    problems = found(text)
    assert [(one.path, one.line) for one in problems] == [
        ("extruct.poll_evry", 3),
        ("extruct.max_exclusions", 4),
        ("connectors.crm.type", 6),
        ("searches.x.query", 7),
        ("searches.x.desired_num_results", 8),
        ("searches.x.push_to", 9),
        ("searches.x.criteria[0].key", 11),
        ("searches.x.criteria[0].name", 12),
        ("searches.x.criteria[0].criterion", 13),
        ("searches.x.criteria[0].min_grade", 14),
    ]
    assert {one.file for one in problems} == {str(tmp_path / "config.toml")}


@pytest.mark.parametrize(
    ("text", "path", "said"),
    [
        ("[extruct]\npoll_evry = '1s'", "extruct.poll_evry", 'did you mean "poll_every"?'),
        ("[extrct]\npoll_every = '1s'", "extrct", 'did you mean "extruct"?'),
        ("verbose = true", "verbose", "unknown key"),
        ("store = 3", "store", "must be a table"),
        ("searches = 3", "searches", "must be a table"),
        ("searches.x = 3", "searches.x", "must be a table"),
        ("connectors.x = []", "connectors.x", "must be a table"),
        ("[extruct]\npoll_every = 10", "extruct.poll_every", "a number and a unit"),
        ("[extruct]\npoll_every = '0s'", "extruct.poll_every", "longer than nothing"),
        ("[extruct]\nmax_exclusions = true", "extruct.max_exclusions", "not true"),
        ("[extruct]\nmax_exclusions = -1", "extruct.max_exclusions", "at least 0"),
        ("[extruct]\nmax_exclusions = 1.5", "extruct.max_exclusions", "whole number"),
        ("[extruct]\nmax_exclusions = 2026-01-01", "extruct.max_exclusions", "not a date"),
        ("[extruct]\nbase_url = 'api.extruct.ai'", "extruct.base_url", "must be an address"),
        ("[budget]\nwarn_share = 1.5", "budget.warn_share", "must be at most 1, not 1.5"),
        ("[budget]\nwarn_share = nan", "budget.warn_share", "finite"),
        ("[store]\nurl = 'mysql://h/d'", "store.url", "postgresql+psycopg://"),
        ("[store]\nurl = 'sqlite://x.db'", "store.url", "three slashes"),
        ("[http]\nlisten = '8080'", "http.listen", "HOST:PORT"),
        ("[http]\nlisten = 'localhost:99999'", "http.listen", "HOST:PORT"),
        ("[log]\nlevel = 'loud'", "log.level", "'debug', 'info', 'warning' or 'error'"),
        ("[connectors.x]\npage_size = 1", "connectors.x.type", "known are csv, hubspot"),
        ("[connectors.x]\ntype = 'csv'", "connectors.x.file", "must be given"),
        ("[connectors.'a b']\ntype = 'hubspot'", "connectors.a b", "letters, digits"),
        ("[connectors.x]\ntype = 'hubspot'\npage_size = 200", "connectors.x.page_size", "most 100"),
        (
            "[connectors.x]\ntype = 'hubspot'\nmapping = { a = '{relevanc}' }",
            "connectors.x.mapping.a",
            '"relevanc" is not a field',
        ),
        (search(timezone='"Europ/Berlin"'), "searches.x.timezone", '"Europe/Berlin"'),
        (search(timezone='"Europe"'), "searches.x.timezone", "not a time zone"),
        (search(timezone='"../etc"'), "searches.x.timezone", "not a time zone"),
        (search(schedule='"0 6 * *"'), "searches.x.schedule", "write a crontab line"),
        (search(schedule='"every day"'), "searches.x.schedule", "as in"),
        (search(schedule='"0 6 30 2 *"'), "searches.x.schedule", "0 6 30 2 *"),
        (search(schedule='""'), "searches.x.schedule", "no schedule"),
        (search(query='"  "'), "searches.x.query", "must not be empty"),
        (search(desired_num_results="0"), "searches.x.desired_num_results", "at least 1"),
        (search(desired_num_results="251"), "searches.x.desired_num_results", "at most 250"),
        (search(push_to='["crm"]'), "searches.x.push_to", "no [connectors.crm]"),
        (search(push='"yes"'), "searches.x.push", "'auto', 'review' or 'off'"),
        (search(min_relevance="101"), "searches.x.min_relevance", "at most 100"),
        (search(min_new_share="2"), "searches.x.min_new_share", "at most 1"),
        (
            search(auto_data_sources="false", data_sources="[]"),
            "searches.x.data_sources",
            "names no source",
        ),
        (search(data_sources='["maps"]'), "searches.x.data_sources", "means nothing while"),
        (
            search(auto_data_sources="false", data_sources='["yelp"]'),
            "searches.x.data_sources[0]",
            "'web_search', 'linkedin' or 'maps'",
        ),
        (search(exclude_domains='["acme"]'), "searches.x.exclude_domains[0]", "one label"),
        (search(exclude_domains='["x.github.io"]'), "searches.x.exclude_domains[0]", "no domain"),
        (search(exclude_task_ids='["7"]'), "searches.x.exclude_task_ids[0]", "must be a UUID"),
        (search(exclude_task_ids=str([TASK] * 101)), "searches.x.exclude_task_ids", "at most 100"),
        (search(table="{ id = 'x' }"), "searches.x.table.id", "must be a UUID"),
        (search(table="{ run = true }"), "searches.x.table.id", "must be given"),
        (search(properties="{ a = '{nope}' }"), "searches.x.properties.a", "is not a field"),
        (search(properties="{ a = 1 }"), "searches.x.properties.a", "must be text in quotes"),
        (search(query='"x in {country}"'), "searches.x.countries", "must name the countries"),
        (
            search(query='"x in {country}"', countries='["DE", "Sweden", "Germany"]'),
            "searches.x.countries",
            "has one country as DE, Germany",
        ),
        (search(sizes='["tiny"]'), "searches.x.sizes[0]", "1-10"),
        (search() + criterion(key='"a b"'), "searches.x.criteria[0].key", "must match"),
        (search() + criterion(name=f'"{"n" * 101}"'), "searches.x.criteria[0].name", "most 100"),
        (
            search() + criterion(criterion=f'"{"c" * 501}"'),
            "searches.x.criteria[0].criterion",
            "must have at most 500 characters, not 501 characters",
        ),
        (
            search() + criterion() + criterion(),
            "searches.x.criteria[1].key",
            "an earlier criterion",
        ),
        (search() + criterion(min_grad="4"), "searches.x.criteria[0].min_grad", '"min_grade"?'),
    ],
)
def test_each_mistake_is_told_at_its_key(refused: Refused, text: str, path: str, said: str) -> None:
    """A mistake is told alone, at its key, in words that say what would be right."""
    problems = refused(text)
    assert list(problems) == [path]
    assert said in problems[path]


def test_a_connector_that_cannot_be_pushed_to_is_no_target(refused: Refused) -> None:
    """``push_to`` refuses a connector that can only be read."""
    text = '[connectors.list]\ntype = "csv"\nfile = "a.csv"\n' + search(push_to='["list"]')
    assert "can only be read" in refused(text)["searches.x.push_to"]


def test_a_search_may_push_to_a_connector_that_has_a_problem_of_its_own(refused: Refused) -> None:
    """One wrong key of a connector is told once, not again by every search that names it."""
    text = '[connectors.crm]\ntype = "hubspot"\npage_size = 0\n' + search(push_to='["crm"]')
    assert list(refused(text)) == ["connectors.crm.page_size"]


@pytest.mark.parametrize(
    "schedule", ["0 6 * * 1", "every 6h", "once", "0 6 29 2 *", "*/15 9-17 * * MON-FRI"]
)
def test_schedules_that_people_write(load: Load, schedule: str) -> None:
    """Crontab lines, rhythms and "once" are kept as they are written."""
    assert load(search(schedule=f'"{schedule}"')).searches["x"].schedule == schedule


def test_the_vendors_cap_is_a_setting(load: Load) -> None:
    """A search may ask for as many results as ``max_results_per_task`` allows."""
    text = "[extruct]\nmax_results_per_task = 1000\n" + search(desired_num_results="1000")
    assert load(text).searches["x"].desired_num_results == 1000


def test_a_syntax_error_has_line_and_column(found: Callable[..., tuple[Problem, ...]]) -> None:
    """A file that is no TOML is told with the place where it stops to be."""
    (problem,) = found("[store]\nurl = \n")
    assert problem.line == 2
    assert "not valid TOML" in problem.text
    assert "column 7" in problem.text


@pytest.mark.parametrize("content", [b"\xff\xfe", None])
def test_an_unreadable_file_is_a_sentence(
    tmp_path: Path, plugins: Mapping[str, ConnectorPlugin[Any]], content: bytes | None
) -> None:
    """A file that is missing, or no text, is told as a problem and not as a crash."""
    path = tmp_path / "config.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigProblems, match=r"no such file|not text in UTF-8"):
        load_config(path, {}, plugins)


def test_a_byte_order_mark_is_no_mistake(
    tmp_path: Path, plugins: Mapping[str, ConnectorPlugin[Any]]
) -> None:
    """A file that an editor on Windows saved loads like any other."""
    path = tmp_path / "config.toml"
    path.write_bytes(b"\xef\xbb\xbf[http]\r\nlisten = ''\r\n")
    assert load_config(path, {}, plugins).http.address is None


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1:8080", ("127.0.0.1", 8080)),
        ("[::1]:0", ("::1", 0)),
        (":9", ("0.0.0.0", 9)),  # noqa: S104 - read, not bound
        ("health.local:65535", ("health.local", 65535)),
        ("::1:8080", None),
        ("host:65536", None),
        ("host:", None),
        ("http://host:80", None),
    ],
)
def test_listen_addresses(text: str, address: tuple[str, int] | None) -> None:
    """Host and port are told apart, IPv6 in brackets included; everything else is refused."""
    assert listen_address(text) == address


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_spelling_of_postgresql_means_psycopg(load: Load, scheme: str) -> None:
    """A URL as hosting companies hand it out works as it is."""
    assert load(f'[store]\nurl = "{scheme}://u@h/d"').store.url == "postgresql+psycopg://u@h/d"


KEYS = sorted({key for model in SECTIONS.values() for key in model.model_fields})
SEARCH_KEYS = [*SearchOptions.model_fields, "id", "key", "name", "token"]
scalars = (
    st.booleans()
    | st.integers()
    | st.floats()
    | st.text(string.printable, max_size=12)
    | st.dates()
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(SEARCH_KEYS), inner, max_size=3)
    ),
    max_leaves=6,
)
tables = st.fixed_dictionaries(
    {},
    optional={
        **{
            name: st.dictionaries(st.sampled_from(KEYS), values, max_size=4) | values
            for name in SECTIONS
        },
        "connectors": st.dictionaries(
            st.text("ab", max_size=3),
            st.dictionaries(st.sampled_from(["type", "mapping", "token_env", "file"]), values)
            | st.just({"type": "hubspot"})
            | values,
            max_size=2,
        )
        | values,
        "searches": st.dictionaries(
            st.text("ab", max_size=3),
            st.dictionaries(st.sampled_from(SEARCH_KEYS), values, max_size=5) | values,
            max_size=2,
        )
        | values,
    },
)


@given(raw=tables)
def test_no_table_whatever_breaks_the_checks(
    raw: dict[str, Any], plugins: Mapping[str, ConnectorPlugin[Any]]
) -> None:
    """Whatever stands in the file, the checks end with values or with problems, never a crash."""
    main = SourceFile(path=Path("config.toml"), text="", tables=raw)
    document = Document(main=main, tables=raw)
    checker = Checker(document=document, problems=[])
    sections = [checker.section(name, model) for name, model in SECTIONS.items()]
    checker.connectors(plugins)
    checker.searches(Surroundings(connectors={}, max_results_per_task=250))
    assert checker.problems or None not in sections
