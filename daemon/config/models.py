"""Every section of ``config.toml`` but the searches: its keys, types, limits and defaults."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from connectors.sdk.options import ConnectorOptions, Duration
from daemon.domain.searches import SearchDefinition


def _check_positive(value: timedelta) -> timedelta:
    if value <= timedelta(0):
        raise ValueError("must be longer than nothing")
    return value


def _check_web_address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError('must be an address such as "https://api.example.com"')
    return value.rstrip("/")


Span = Annotated[Duration, AfterValidator(_check_positive)]
"""A duration longer than nothing."""
WebAddress = Annotated[str, AfterValidator(_check_web_address)]
Share = Annotated[float, Field(ge=0, le=1)]
Limit = Annotated[int, Field(ge=0)]
Credits = Annotated[float, Field(ge=0)]


class Section(BaseModel):
    """A table of the file: unknown keys are refused, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


def _check_store_url(value: str) -> str:
    value = re.sub(r"^postgres(ql)?://", "postgresql+psycopg://", value)
    parts = urlsplit(value)
    if parts.scheme == "sqlite" and (parts.netloc or not value.startswith("sqlite:///")):
        raise ValueError('a SQLite store is written "sqlite:///FILE", with three slashes')
    if parts.scheme not in {"sqlite", "postgresql+psycopg"}:
        raise ValueError('must be "sqlite:///FILE" or "postgresql+psycopg://USER@HOST/DATABASE"')
    if re.search(r"(?i)[?&](ssl)?password=", value):
        raise ValueError(
            "holds a password: take it out of the URL and name it by password_env or password_file"
        )
    return value


class StoreOptions(Section):
    """``[store]``: where everything that must survive is kept."""

    url: Annotated[str, AfterValidator(_check_store_url)] = "sqlite:///prospectd.db"
    password_env: str | None = None
    password_file: str | None = None
    pool_size: Annotated[int, Field(ge=1, le=100)] = 10
    lock_wait: Span = timedelta(seconds=30)
    """How long a statement waits for a locked database before it is tried again later."""


class ExtructOptions(Section):
    """``[extruct]``: the vendor of the searches, and its limits of today."""

    base_url: WebAddress = "https://api.extruct.ai"
    token_env: str | None = "EXTRUCT_API_TOKEN"  # noqa: S105 - the name of a variable
    token_file: str | None = None
    poll_every: Span = timedelta(seconds=10)
    max_exclusions: Limit = 1000
    max_results_per_task: Annotated[int, Field(ge=1)] = 250
    page_size: Annotated[int, Field(ge=1, le=1000)] = 50
    timeout: Span = timedelta(seconds=30)
    app_url: WebAddress = "https://app.extruct.ai"
    clock_skew: Duration = timedelta(minutes=5)
    """How far the vendor's clock may be off when a lost task is looked for by its time."""
    settling: Duration = timedelta(minutes=1)
    """How long a new task may take to show in the vendor's list; a lost one is missed after it."""
    max_running_tasks: Annotated[int, Field(ge=1)] = 5
    continue_tasks: bool = True
    """Let a search's last task go on where that returns fewer known companies than a new one."""


def _check_listen(value: str) -> str:
    if value and listen_address(value) is None:
        raise ValueError('must be "HOST:PORT" with a port from 0 to 65535, or "" for none')
    return value


def listen_address(text: str) -> tuple[str, int] | None:
    """``"127.0.0.1:8080"``, ``"[::1]:8080"`` or ``":8080"`` as host and port; else None."""
    found = re.fullmatch(r"(?:\[([0-9A-Fa-f:.%]+)\]|([^\s:\[\]/]*)):(\d{1,5})", text)
    if found is None or int(found[3]) > MAX_PORT:
        return None
    return found[1] or found[2] or "0.0.0.0", int(found[3])  # noqa: S104 - ":PORT" asks for it


MAX_PORT = 65_535


class HttpOptions(Section):
    """``[http]``: the daemon's own port for health and metrics."""

    listen: Annotated[str, AfterValidator(_check_listen)] = "127.0.0.1:8080"

    @property
    def address(self) -> tuple[str, int] | None:
        """Host and port to listen on, or None where it is switched off."""
        return listen_address(self.listen) if self.listen else None


class AuditOptions(Section):
    """``[audit]``: the events as JSON lines, beside the store."""

    file: str = ""


class LogLevel(StrEnum):
    """From which importance on a line is printed."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class LogFormat(StrEnum):
    """How a line is printed; ``auto`` is pretty on a terminal and JSON elsewhere."""

    AUTO = "auto"
    JSON = "json"
    PRETTY = "pretty"


class LogOptions(Section):
    """``[log]``: what the daemon prints."""

    level: LogLevel = LogLevel.INFO
    format: LogFormat = LogFormat.AUTO


def _check_a_day(value: timedelta) -> timedelta:
    if value < timedelta(days=1):
        raise ValueError("must be a day or longer")
    return value


class RedirectOptions(Section):
    """``[redirects]``: whether the websites of new companies are asked where they lead."""

    follow: bool = False
    timeout: Span = timedelta(seconds=10)
    """For one website, with everything that it leads through."""
    max_redirects: Annotated[int, Field(ge=0, le=20)] = 5
    max_bytes: Annotated[int, Field(ge=4096, le=1_048_576)] = 65_536
    requests_per_minute: Annotated[int, Field(ge=1, le=6000)] = 60
    patience: Span = timedelta(hours=1)
    """How long a new company waits for the look at most."""
    recheck_every: Annotated[Span, AfterValidator(_check_a_day)] = timedelta(days=90)
    """Longer than results wait to be decided: each decision would ask anew."""


class PushOptions(Section):
    """``[push]``: the guard on creations, over all searches; what is beyond it waits for review."""

    max_new_per_run: Limit = 2500
    max_new_per_day: Limit = 5000


class BudgetOptions(Section):
    """``[budget]``: the brake on spending, over all searches; None: no limit."""

    max_results_per_run: Limit | None = None
    max_results_per_day: Limit | None = None
    max_results_per_month: Limit | None = None
    max_credits_per_run: Credits | None = None
    max_credits_per_day: Credits | None = None
    max_credits_per_month: Credits | None = None
    max_credits_per_new_company: Credits | None = None
    warn_share: Share = 0.8
    """From this share of a limit on, nearing it is said once."""


class RetentionOptions(Section):
    """``[retention]``: what is pruned by age; no domain is ever forgotten."""

    raw_results: Span = timedelta(days=180)
    audit: Span = timedelta(days=730)
    audit_requests: Span = timedelta(days=90)
    """The requests that audit rows took, which are many; the rows stay."""


class RetryOptions(Section):
    """``[retries]``: pauses after failures that may pass by themselves."""

    first: Span = timedelta(seconds=5)
    longest: Span = timedelta(minutes=30)
    attempts: Annotated[int, Field(ge=1)] = 12
    credentials_every: Span = timedelta(hours=1)
    """How often a vendor that refuses the token, or wants payment, is tried again."""


class DaemonOptions(Section):
    """``[daemon]``: the loop's own rhythm."""

    shutdown_grace: Span = timedelta(seconds=25)
    lease: Span = timedelta(minutes=5)
    schedule_every: Span = timedelta(seconds=15)
    push_every: Span = timedelta(seconds=10)
    resolve_every: Span = timedelta(seconds=30)
    reconcile_every: Span = timedelta(minutes=10)
    prune_every: Span = timedelta(hours=24)
    watch: bool = True
    """Reload the configuration when one of its files changes (SIGHUP always does)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Everything that was configured, checked. It holds no secret.

    ``path`` is the main file, ``files`` all files that were read, ``watched`` the directories (not
    what lies deeper) in which a change may mean a reload: :meth:`is_changed_by` tells.
    """

    path: Path
    files: tuple[Path, ...]
    watched: tuple[Path, ...]
    store: StoreOptions
    extruct: ExtructOptions
    http: HttpOptions
    audit: AuditOptions
    log: LogOptions
    redirects: RedirectOptions
    push: PushOptions
    budget: BudgetOptions
    retention: RetentionOptions
    retries: RetryOptions
    daemon: DaemonOptions
    connectors: Mapping[str, ConnectorOptions]
    searches: Mapping[str, SearchDefinition]

    def is_changed_by(self, path: str) -> bool:
        """May a change of this file in a watched directory change the configuration?

        A database that lies beside the file changes all the time, and must not. Kubernetes swaps
        the link ``..data`` when a mounted ConfigMap changes.
        """
        name = Path(path).name
        known = {file.name for file in self.files}
        return name in known or name.endswith(".toml") or name.startswith("..")


SECTIONS: Mapping[str, type[Section]] = {
    "store": StoreOptions,
    "extruct": ExtructOptions,
    "http": HttpOptions,
    "audit": AuditOptions,
    "log": LogOptions,
    "redirects": RedirectOptions,
    "push": PushOptions,
    "budget": BudgetOptions,
    "retention": RetentionOptions,
    "retries": RetryOptions,
    "daemon": DaemonOptions,
}
"""The tables with fixed names, and their keys."""
