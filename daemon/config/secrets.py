"""Secrets: named in the file, held by the environment or another file, shown nowhere."""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from pydantic import BaseModel

from connectors.sdk.protocol import ConnectorPlugin
from daemon.config.models import Config, StoreOptions
from daemon.config.problems import ConfigProblems, Problem

STORE_URL_OVERRIDE = "PROSPECTD_STORE__URL"


class Secret(str):
    """A text that does not show itself: its ``repr`` is stars, inside containers too."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "Secret(***)"


def resolve_secrets(
    options: BaseModel, names: Iterable[str], env: Mapping[str, str]
) -> Mapping[str, str]:
    """The secrets that can be had: for ``token`` what ``token_file`` or ``token_env`` leads to.

    A file goes before a variable, since a variable's name may be a default. What is missing is left
    out; :func:`missing_secrets` says why.
    """
    found = {name: _resolve(options, name, env) for name in names}
    return {name: value for name, value in found.items() if isinstance(value, Secret)}


def missing_secrets(
    config: Config, env: Mapping[str, str], plugins: Mapping[str, ConnectorPlugin[Any]]
) -> tuple[Problem, ...]:
    """Every secret that is needed to run and cannot be had, with what to do about it."""
    return tuple(
        Problem(path=f"{section}.{name}", text=value)
        for section, name, value in _everything(config, env, plugins)
        if not isinstance(value, Secret)
    )


def known_secrets(
    config: Config, env: Mapping[str, str], plugins: Mapping[str, ConnectorPlugin[Any]]
) -> tuple[str, ...]:
    """Every secret that can be had, for the log to take out of whatever it prints."""
    values = [value for _, _, value in _everything(config, env, plugins)]
    overridden = _overridden_password(config.store, env)
    return tuple(value for value in (*values, overridden) if isinstance(value, Secret))


def store_url(store: StoreOptions, env: Mapping[str, str]) -> str:
    """The store's URL with its password, for nobody but the driver.

    The password comes from ``password_file`` or ``password_env``, else from a URL that was given
    by ``PROSPECTD_STORE__URL``; with none of them, libpq's own ways (``PGPASSWORD``,
    ``PGPASSFILE``) hold.

    Raises:
        ConfigProblems: a password is named, but cannot be had.
    """
    password: Secret | str | None = _overridden_password(store, env)
    if store.password_env or store.password_file:
        password = _resolve(store, "password", env)
    if password is None:
        return store.url
    if not isinstance(password, Secret):
        raise ConfigProblems([Problem(path="store.password", text=password)])
    parts = urlsplit(store.url)
    user, at, host = parts.netloc.rpartition("@")
    netloc = f"{user}:{quote(password, safe='')}{at or '@'}{host}"
    return Secret(urlunsplit(parts._replace(netloc=netloc)))


def split_password(url: str) -> tuple[str, Secret | None]:
    """A URL without its password, and the password."""
    parts = urlsplit(url)
    if parts.password is None:
        return url, None
    user, _, host = parts.netloc.rpartition("@")
    netloc = f"{user.partition(':')[0]}@{host}"
    return urlunsplit(parts._replace(netloc=netloc)), Secret(unquote(parts.password))


def redacted_url(url: str) -> str:
    """The URL with stars in place of a password, for people to read."""
    bare, password = split_password(url)
    bare = re.sub(r"(?i)([?&](?:password|sslpassword|passfile)=)[^&]*", r"\1***", bare)
    if password is None:
        return bare
    parts = urlsplit(bare)
    user, _, host = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{user}:***@{host}"))


def _everything(
    config: Config, env: Mapping[str, str], plugins: Mapping[str, ConnectorPlugin[Any]]
) -> Iterator[tuple[str, str, Secret | str]]:
    yield "extruct", "token", _resolve(config.extruct, "token", env)
    if config.store.password_env or config.store.password_file:
        yield "store", "password", _resolve(config.store, "password", env)
    for name, options in config.connectors.items():
        for secret in plugins[options.type].secrets:
            yield f"connectors.{name}", secret, _resolve(options, secret, env)


def _resolve(options: BaseModel, name: str, env: Mapping[str, str]) -> Secret | str:
    """The secret, or the sentence that says why there is none."""
    file = getattr(options, f"{name}_file", None)
    variable = getattr(options, f"{name}_env", None)
    if file:
        return _from_file(Path(file))
    if not variable:
        return f"is not given: set {name}_env to a variable's name, or {name}_file to a file's"
    value = env.get(variable, "")
    if not value.strip():
        # A name in lower case may be the secret itself, put there by mistake.
        shown = f" {variable}" if variable.isupper() else f" that {name}_env names"
        return f"the environment variable{shown} is not set; set it, or give {name}_file"
    return Secret(value.strip())


def _from_file(path: Path) -> Secret | str:
    try:
        text = path.read_text(encoding="utf-8").rstrip("\r\n")
    except OSError as error:
        return f"the file {path} cannot be read: {error.strerror or type(error).__name__}"
    except UnicodeDecodeError:
        return f"the file {path} is not text in UTF-8"
    return Secret(text) if text.strip() else f"the file {path} is empty"


def _overridden_password(store: StoreOptions, env: Mapping[str, str]) -> Secret | None:
    for name, value in env.items():
        if name.upper() == STORE_URL_OVERRIDE and not store.url.startswith("sqlite"):
            return split_password(value)[1]
    return None
