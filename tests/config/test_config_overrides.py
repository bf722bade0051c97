import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from daemon.config import Config, Problem
from daemon.config.models import SECTIONS

Load = Callable[..., Config]
Refused = Callable[..., Mapping[str, str]]
Found = Callable[..., tuple[Problem, ...]]

FILE = """
[connectors.crm-eu]
type = "hubspot"
[searches.freight-saas]
query = "freight"
properties = { lifecycleStage = "lead" }
"""
SAMPLE = tomllib.loads((Path(__file__).resolve().parents[2] / "config.toml").read_text("utf-8"))


def as_variable(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


@pytest.mark.parametrize(
    ("section", "key"),
    [(section, key) for section in SECTIONS for key in SAMPLE[section]],
)
def test_every_key_of_a_section_can_be_overridden(load: Load, section: str, key: str) -> None:
    """The sample's value means the same in the file and in the environment, for every key."""
    value = SAMPLE[section][key]
    env = {f"PROSPECTD_{section}__{key}".upper(): as_variable(value)}
    text = f"[{section}]\n{key} = " + (
        f"{value!r}" if isinstance(value, str) else as_variable(value)
    )
    from_file, from_env = getattr(load(text), section), getattr(load("", env), section)
    assert from_file == from_env
    assert key in from_env.model_fields_set


@pytest.mark.parametrize(
    ("variable", "value", "seen"),
    [
        ("PROSPECTD_SEARCHES__FREIGHT_SAAS__TARGET", "500", lambda s: s.target == 500),
        ("prospectd_searches__freight_saas__query", "123", lambda s: s.query == "123"),
        ("PROSPECTD_SEARCHES__FREIGHT_SAAS__ACTIVE", "false", lambda s: s.active is False),
        ("PROSPECTD_SEARCHES__FREIGHT_SAAS__TARGET", "", lambda s: s.target is None),
        (
            "PROSPECTD_SEARCHES__FREIGHT_SAAS__PUSH_TO",
            '["crm-eu"]',
            lambda s: s.push_to == ("crm-eu",),
        ),
        (
            "PROSPECTD_SEARCHES__FREIGHT_SAAS__PROPERTIES__LIFECYCLESTAGE",
            "customer",
            lambda s: s.properties == {"lifecycleStage": "customer"},
        ),
        (
            "PROSPECTD_SEARCHES__FREIGHT_SAAS__PROPERTIES",
            '{ a = "b" }',
            lambda s: s.properties == {"a": "b"},
        ),
        (
            "PROSPECTD_SEARCHES__FREIGHT_SAAS__CRITERIA",
            '[{"key": "a", "name": "A", "criterion": "long enough to be one", "min_grade": null}]',
            lambda s: s.criteria[0].key == "a",
        ),
        (
            "PROSPECTD_SEARCHES__FREIGHT_SAAS__TABLE__ID",
            "123e4567-e89b-12d3-a456-426614174000",
            lambda s: s.table.id.startswith("123e4567"),
        ),
    ],
)
def test_searches_can_be_overridden(
    load: Load, variable: str, value: str, seen: Callable[[Any], bool]
) -> None:
    """A search's keys take texts as they are, and numbers, lists and tables as TOML or JSON."""
    assert seen(load(FILE, {variable: value}).searches["freight-saas"])


def test_a_connector_can_be_overridden(load: Load) -> None:
    """Dashes in a name are written as underscores; the plugin's own keys count."""
    env = {
        "PROSPECTD_CONNECTORS__CRM_EU__PAGE_SIZE": "7",
        "PROSPECTD_CONNECTORS__CRM_EU__MAX_SHRINK": "1",
        "PROSPECTD_CONNECTORS__CRM_EU__MAPPING__NAME": "{name} Ltd",
    }
    options: Any = load(FILE, env).connectors["crm-eu"]
    assert options.page_size == 7
    assert options.max_shrink == 1.0
    assert options.mapping == {"name": "{name} Ltd"}


def test_the_type_of_a_connector_can_be_overridden_with_its_keys(load: Load) -> None:
    """A new type decides at once which other variables are known."""
    env = {"PROSPECTD_CONNECTORS__CRM_EU__FILE": "a", "PROSPECTD_CONNECTORS__CRM_EU__TYPE": "csv"}
    options: Any = load(FILE, env).connectors["crm-eu"]
    assert (options.type, options.file) == ("csv", "a")


@pytest.mark.parametrize(
    ("variable", "said"),
    [
        ("PROSPECTD_EXTRUCT__POLL_EVRY", 'did you mean "poll_every"?'),
        ("PROSPECTD_EXTRCT__POLL_EVERY", 'did you mean "extruct"?'),
        ("PROSPECTD_EXTRUCT", "names a table"),
        ("PROSPECTD_VERBOSE", "no [verbose]"),
        ("PROSPECTD_SEARCHES", "NAME__KEY"),
        ("PROSPECTD_SEARCHES__FREIGHT_SAS__QUERY", 'did you mean "freight_saas"?'),
        ("PROSPECTD_SEARCHES__FREIGHT_SAAS", "names a table"),
        ("PROSPECTD_SEARCHES__FREIGHT_SAAS__QUERY__X", "no further keys"),
        ("PROSPECTD_SEARCHES__FREIGHT_SAAS__TABLE__NAME", 'no key "name"'),
        ("PROSPECTD_CONNECTORS__CRM_EU__FILE", 'no key "file"'),
        ("PROSPECTD_EXTRUCT__TOKEN", 'did you mean "token_env"?'),
    ],
)
def test_an_override_that_leads_nowhere_is_told(refused: Refused, variable: str, said: str) -> None:
    """A variable with our prefix that matches no key is a mistake, told by its own name."""
    problems = refused(FILE, {variable: "geheim"})
    assert list(problems) == [variable]
    assert said in problems[variable]
    assert "geheim" not in str(problems)


def test_two_names_that_look_alike_are_ambiguous(refused: Refused) -> None:
    """Where a variable could mean two searches, neither is chosen by luck."""
    text = FILE + '[searches.freight_saas]\nquery = "other"'
    variable = "PROSPECTD_SEARCHES__FREIGHT_SAAS__QUERY"
    assert "ambiguous" in refused(text, {variable: "x"})[variable]


@pytest.mark.parametrize(
    "variable",
    [
        "PROSPECTD_CONFIG",
        "PROSPECTD_SERVICE_HOST",
        "PROSPECTD_SERVICE_PORT_HTTP",
        "PROSPECTD_PORT",
        "PROSPECTD_PORT_8080_TCP_ADDR",
        "PROSPECTDX",
    ],
)
def test_what_is_no_override_is_left_alone(load: Load, variable: str) -> None:
    """``-c``'s variable, and what Kubernetes sets beside a service of our name, are no mistakes."""
    assert load("", {variable: "anything"}).searches == {}


def test_a_secret_may_have_our_prefix(load: Load) -> None:
    """A variable that a ``*_env`` key names is the secret, not an override."""
    text = '[extruct]\ntoken_env = "PROSPECTD_EXTRUCT_TOKEN"'
    config = load(text, {"PROSPECTD_EXTRUCT_TOKEN": "geheim"})
    assert config.extruct.token_env == "PROSPECTD_EXTRUCT_TOKEN"


def test_a_wrong_value_is_told_with_its_variable(found: Found) -> None:
    """An impossible value says where it came from, does not blame the file, and is not repeated."""
    (problem,) = found("[http]\nlisten = ':1'", {"PROSPECTD_STORE__POOL_SIZE": "hunter2"})
    assert problem.path == "store.pool_size"
    assert problem.file == ""
    assert "given by PROSPECTD_STORE__POOL_SIZE" in problem.text
    assert "hunter2" not in str(problem)


def test_an_override_survives_a_broken_table(refused: Refused) -> None:
    """Where the file has no table at all, that is told, and the override breaks nothing."""
    assert list(refused("store = 3", {"PROSPECTD_STORE__URL": "sqlite:///a.db"})) == ["store"]
