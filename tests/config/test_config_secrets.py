from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.sdk.protocol import ConnectorPlugin
from daemon.config import (
    Config,
    ConfigProblems,
    missing_secrets,
    redacted_url,
    resolve_secrets,
    store_url,
)
from daemon.config.models import ExtructOptions, StoreOptions
from daemon.config.secrets import Secret, known_secrets, split_password

Load = Callable[..., Config]
Refused = Callable[..., Mapping[str, str]]
Plugins = Mapping[str, ConnectorPlugin[Any]]

TOKEN = "pat-na1-0123-4567"
CRM = '[connectors.crm]\ntype = "hubspot"\n'


@pytest.mark.parametrize(
    ("text", "path"),
    [
        (f'token = "{TOKEN}"', "token"),
        (f'[extruct]\ntoken = "{TOKEN}"', "extruct.token"),
        (f'[extruct]\napi_key = "{TOKEN}"', "extruct.api_key"),
        (f'[store]\npassword = "{TOKEN}"', "store.password"),
        (f'{CRM}token = "{TOKEN}"', "connectors.crm.token"),
        (f'{CRM}client_secret = "{TOKEN}"', "connectors.crm.client_secret"),
        (f'[searches.x]\nquery = "q"\ntoken = "{TOKEN}"', "searches.x.token"),
        (f'{CRM}token_env = "{TOKEN}"', "connectors.crm.token_env"),
        (f'[extruct]\ntoken_env = "{TOKEN}"', "extruct.token_env"),
        (f'[store]\nurl = "postgresql://u:{TOKEN}@h/d"', "store.url"),
        (f'[store]\nurl = "postgresql+psycopg://u@h/d?password={TOKEN}"', "store.url"),
        (f'[extruct]\nbase_url = "https://u:{TOKEN}@h"', "extruct.base_url"),
        (f'{CRM}base_url = "https://u:{TOKEN}@h"', "connectors.crm.base_url"),
    ],
)
def test_a_secret_in_the_file_is_refused_and_not_repeated(
    refused: Refused, text: str, path: str
) -> None:
    """Whoever writes a secret into the file is told so, once, without its being shown."""
    problems = refused(text)
    assert list(problems) == [path]
    assert TOKEN not in str(problems)


def test_one_source_for_one_secret(refused: Refused) -> None:
    """A variable and a file for the same secret are one too many."""
    text = "[extruct]\ntoken_env = 'A'\ntoken_file = 'b'"
    assert refused(text)["extruct.token_file"] == "token_env is given too; keep one of the two"


def test_the_environment_may_choose_another_source(load: Load) -> None:
    """A container's override to a file replaces the variable that the file names."""
    text = f"{CRM}token_env = 'A'"
    config = load(text, {"PROSPECTD_CONNECTORS__CRM__TOKEN_FILE": "/run/secrets/crm"})
    options: Any = config.connectors["crm"]
    assert options.token_file == "/run/secrets/crm"
    assert not options.token_env


def test_secrets_come_from_variables_and_files(tmp_path: Path) -> None:
    """A file goes before a variable that is only a default; its last newline is not part of it."""
    (tmp_path / "token").write_text("from file\n")
    env = {"EXTRUCT_API_TOKEN": "from variable"}
    by_file = ExtructOptions(token_file=str(tmp_path / "token"))
    assert resolve_secrets(by_file, ["token"], env) == {"token": "from file"}
    assert resolve_secrets(ExtructOptions(), ["token"], env) == {"token": "from variable"}
    assert resolve_secrets(ExtructOptions(), ["token"], {}) == {}


def test_a_secret_does_not_show_itself(load: Load) -> None:
    """No ``repr`` of what was resolved, nor of the configuration, holds a secret."""
    env = {"EXTRUCT_API_TOKEN": TOKEN}
    config = load("", env)
    found = resolve_secrets(config.extruct, ["token"], env)
    assert TOKEN not in repr(found)
    assert TOKEN not in repr(config)
    assert found["token"] == TOKEN


def test_missing_secrets_are_told_together(load: Load, plugins: Plugins, tmp_path: Path) -> None:
    """Before anything starts, every secret that is needed and missing has a sentence."""
    (tmp_path / "empty").write_text("\n")
    config = load(
        f"{CRM}[connectors.other]\ntype = 'hubspot'\ntoken_file = 'nowhere/token'\n"
        f"[connectors.third]\ntype = 'hubspot'\ntoken_file = '{tmp_path / 'empty'}'\n"
        "[connectors.bare]\ntype = 'hubspot'\ntoken_env = ''\n"
        "[connectors.list]\ntype = 'csv'\nfile = 'a.csv'\n"
        "[store]\nurl = 'postgresql://u@h/d'\npassword_env = 'DB_PASSWORD'"
    )
    told = {one.path: one.text for one in missing_secrets(config, {"OTHER": "x"}, plugins)}
    assert "EXTRUCT_API_TOKEN is not set" in told["extruct.token"]
    assert "HUBSPOT_TOKEN is not set" in told["connectors.crm.token"]
    assert "cannot be read: No such file" in told["connectors.other.token"]
    assert "is empty" in told["connectors.third.token"]
    assert "is not given" in told["connectors.bare.token"]
    assert "DB_PASSWORD is not set" in told["store.password"]
    assert len(told) == 6


def test_a_token_in_place_of_a_variables_name_is_not_repeated(load: Load, plugins: Plugins) -> None:
    """A secret that looks like a variable's name, written there by mistake, is not shown."""
    config = load("[extruct]\ntoken_env = 'ab12cd34ef56'")
    (problem,) = missing_secrets(config, {}, plugins)
    assert "ab12cd34ef56" not in problem.text


def test_with_all_secrets_nothing_is_missing(load: Load, plugins: Plugins) -> None:
    """Nothing is told where everything can be had, and the log learns each of them."""
    env = {
        "EXTRUCT_API_TOKEN": "one",
        "HUBSPOT_TOKEN": "two",
        "PROSPECTD_STORE__URL": "postgresql://u:three@h/d",
    }
    config = load(CRM, env)
    assert missing_secrets(config, env, plugins) == ()
    assert set(known_secrets(config, env, plugins)) == {"one", "two", "three"}


@pytest.mark.parametrize(
    ("options", "env", "url"),
    [
        (StoreOptions(), {}, "sqlite:///prospectd.db"),
        (StoreOptions(url="postgresql://u@h/d"), {}, "postgresql+psycopg://u@h/d"),
        (
            StoreOptions(url="postgresql://u@h:5432/d", password_env="P"),
            {"P": "a b/@:"},
            "postgresql+psycopg://u:a%20b%2F%40%3A@h:5432/d",
        ),
        (
            StoreOptions(url="postgresql://u@h/d"),
            {"prospectd_store__url": "postgresql://u:p%40ss@h/d"},
            "postgresql+psycopg://u:p%40ss@h/d",
        ),
    ],
)
def test_the_stores_url_gets_its_password(
    options: StoreOptions, env: Mapping[str, str], url: str
) -> None:
    """The driver's URL carries the password, escaped; without one it is the configured URL."""
    assert store_url(options, env) == url


def test_a_password_that_cannot_be_had_is_a_problem() -> None:
    """A named variable that is not set stops the program with a sentence."""
    with pytest.raises(ConfigProblems, match="DB_PASSWORD is not set"):
        store_url(StoreOptions(url="postgresql://u@h/d", password_env="DB_PASSWORD"), {})


def test_a_password_in_an_overriding_url_stays_out_of_the_config(load: Load) -> None:
    """The environment may give a whole URL; its password is kept for the driver alone."""
    env = {"PROSPECTD_STORE__URL": "postgresql://u:geheim@h/d"}
    config = load("", env)
    assert "geheim" not in repr(config)
    assert config.store.url == "postgresql+psycopg://u@h/d"
    assert store_url(config.store, env) == "postgresql+psycopg://u:geheim@h/d"
    assert "geheim" not in repr(store_url(config.store, env))


@given(password=st.text(min_size=1))
def test_a_redacted_url_never_shows_its_password(password: str) -> None:
    """Whatever the password is, the URL for people has stars and the driver's round-trips."""
    options = StoreOptions(url="postgresql://user@db.example/name")
    if not password.strip() or not password.isprintable():
        return
    url = store_url(options.model_copy(update={"password_env": "P"}), {"P": password})
    bare, found = split_password(url)
    assert (bare, found) == (options.url, password.strip())
    assert redacted_url(url) == "postgresql+psycopg://user:***@db.example/name"


def test_a_secret_is_a_text_like_any_other() -> None:
    """It compares and joins as text, so that it can be sent; only its ``repr`` is stars."""
    secret = Secret("abc")
    assert secret == "abc"
    assert f"Bearer {secret}" == "Bearer abc"
    assert repr({"token": secret}) == "{'token': Secret(***)}"
