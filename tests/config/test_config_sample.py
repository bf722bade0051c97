import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel
from pydantic_core import PydanticUndefined, to_jsonable_python

from connectors.registry import load_plugins
from connectors.sdk.options import ConnectorOptions, HttpConnectorOptions, parse_duration
from connectors.sdk.records import FIELD_NAMES
from daemon.config import load_config
from daemon.config.models import SECTIONS
from daemon.config.searches import CriterionOptions, SearchOptions, TableOptions
from daemon.domain.searches import PushMode

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = (ROOT / "config.toml").read_text("utf-8")
MANUAL = (ROOT / "docs" / "configuration.md").read_text("utf-8")

HUBSPOT = load_plugins().plugins["hubspot"].options
MODELS: Mapping[str, type[BaseModel]] = {
    **SECTIONS,
    "connectors.crm": HUBSPOT,
    "searches.freight-saas": SearchOptions,
    "searches.freight-saas.criteria": CriterionOptions,
    "searches.freight-saas.table": TableOptions,
}
TABLES_OF_THEIR_OWN = {"criteria", "table"}


def sections(text: str) -> Iterator[tuple[str, str]]:
    """The headers, commented ones too, with the lines below them."""
    parts = re.split(r"(?m)^(?:# )?\[{1,2}([\w.-]+)\]{1,2}.*$", text)
    yield from zip(parts[1::2], parts[2::2], strict=True)


def keys_in(body: str) -> Mapping[str, tuple[bool, Any, str]]:
    """Key → does it stand commented out, its value, and the comment behind it."""
    found = re.findall(r"(?m)^(# )?(\w+) = (.+)$", body)
    keys = {}
    for comment, key, rest in found:
        value = tomllib.loads(f"{key} = {rest}")[key]
        keys[key] = (bool(comment), value, rest.partition(" # ")[2])
    return keys


STANDING = {name: keys_in(body) for name, body in sections(SAMPLE)}


def same(written: Any, default: Any) -> bool:
    default = to_jsonable_python(default)
    if isinstance(written, str) and isinstance(default, str) and default.startswith("P"):
        return bool(to_jsonable_python(parse_duration(written)) == default)
    return bool(written == default)


@pytest.mark.parametrize("section", MODELS)
def test_every_key_stands_in_the_sample(section: str) -> None:
    """The sample has each key of each table, and none that the program does not know."""
    assert set(STANDING[section]) == set(MODELS[section].model_fields) - TABLES_OF_THEIR_OWN


@pytest.mark.parametrize(
    ("section", "key"),
    [(name, key) for name, model in MODELS.items() for key in model.model_fields],
)
def test_every_key_stands_with_its_default(section: str, key: str) -> None:
    """A key shows its default, or says it; without a default it is commented out, or required."""
    if key in TABLES_OF_THEIR_OWN:
        return
    field = MODELS[section].model_fields[key]
    default = field.get_default(call_default_factory=True)
    commented, value, remark = STANDING[section][key]
    said = re.search(r"default: (.+)$", remark)
    if field.is_required():
        assert "required" in remark or key in {"name", "criterion"}
    elif said is not None:
        assert (
            said[1] == "none"
            if default is None
            else tomllib.loads(f"v = {said[1]}")["v"] == (to_jsonable_python(default))
        )
    elif default is None:
        assert commented
    else:
        assert same(value, default)


def test_the_sample_loads_as_it_is() -> None:
    """Whoever clones the project has a configuration without problems."""
    config = load_config(ROOT / "config.toml", {}, load_plugins().plugins)
    assert list(config.searches) == ["freight-saas", "cold-chain"]
    assert config.searches["cold-chain"].push is PushMode.REVIEW
    assert config.connectors["crm"].type == "hubspot"


def test_the_sample_loads_with_everything_that_is_commented_out(tmp_path: Path) -> None:
    """The examples of keys without a default are good values, too."""
    text = re.sub(r"(?m)^# (\w+ = |\[)", r"\1", SAMPLE)
    text = re.sub(r"(?m)^(token|password)_file = .*$", "", text)
    text = text.replace("auto_data_sources = true ", "auto_data_sources = false ")
    (tmp_path / "config.toml").write_text(text)
    config = load_config(tmp_path / "config.toml", {}, load_plugins().plugins)
    search = config.searches["freight-saas"]
    assert search.target == 2000
    assert search.table is not None
    assert config.budget.max_credits_per_new_company == 4.0


def test_the_campaigns_of_the_demo_load() -> None:
    """The bundled campaigns are a configuration without problems."""
    path = ROOT / "daemon" / "sandbox" / "campaigns" / "demo.toml"
    config = load_config(path, {}, load_plugins().plugins)
    assert {search.push for search in config.searches.values()} == {PushMode.AUTO, PushMode.REVIEW}


def rows(heading: str) -> Mapping[str, str]:
    """Key → default of the manual's tables below a heading."""
    body = MANUAL.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    return dict(re.findall(r"(?m)^\| `(\w+)` \| (.+?) \| ", body))


@pytest.mark.parametrize(
    ("heading", "models"),
    [
        *((f"[{name}]", (model,)) for name, model in SECTIONS.items()),
        ("[connectors.NAME]", (ConnectorOptions, HttpConnectorOptions)),
        ("[searches.NAME]", (SearchOptions,)),
        ("[[searches.NAME.criteria]]", (CriterionOptions,)),
        ("[searches.NAME.table]", (TableOptions,)),
    ],
)
def test_the_manual_has_every_key_with_its_default(
    heading: str, models: tuple[type[BaseModel], ...]
) -> None:
    """The manual tells each key that there is, with the default that the program has."""
    fields = {key: field for model in models for key, field in model.model_fields.items()}
    described = rows(heading)
    assert set(described) == set(fields)
    for key, field in fields.items():
        default = field.get_default(call_default_factory=True)
        if key == "base_url" and heading == "[connectors.NAME]":
            continue
        if field.is_required() or default is PydanticUndefined:
            assert described[key] == "required"
        elif default is None:
            assert described[key] == "–"  # noqa: RUF001 - the manual's sign for none
        else:
            assert same(tomllib.loads(f"v = {described[key].strip('`')}")["v"], default)


def test_the_manual_names_every_field_of_a_template() -> None:
    """What a template may use is told completely."""
    paragraph = MANUAL.split("Templates in ", 1)[1].split("\n\n", 1)[0]
    assert set(re.findall(r"`\{(\w+)\}`", paragraph)) == set(FIELD_NAMES)
