"""What a command works with: the configuration, the store, the wired program."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import typer

from connectors.registry import Registry, load_plugins
from connectors.sdk.protocol import ConnectorPlugin
from daemon.ahead import read_ahead
from daemon.app import App
from daemon.bootstrap import Surroundings, build_app, build_context, open_store
from daemon.config.loading import load_config
from daemon.config.models import Config
from daemon.db import schema
from daemon.db.store import Store
from daemon.errors import ProspectdError
from daemon.services.context import ServiceContext


class Session:
    """One run of the command line."""

    def __init__(self, path: Path, env: Mapping[str, str] | None = None) -> None:
        self.path = path
        self.env = dict(os.environ) if env is None else env

    @cached_property
    def registry(self) -> Registry:
        """Every connector that is installed."""
        return load_plugins()

    @property
    def plugins(self) -> Mapping[str, ConnectorPlugin[Any]]:
        """The connectors that can be used, by type."""
        return self.registry.plugins

    @cached_property
    def config(self) -> Config:
        """The configuration, as it was when it was first asked for.

        Raises:
            ConfigProblems: with everything that is wrong.
        """
        return self.load()

    def load(self) -> Config:
        """Read the configuration anew.

        Raises:
            ConfigProblems: with everything that is wrong.
        """
        return load_config(self.path, self.env, self.plugins)

    def now(self) -> datetime:
        """The present moment."""
        return datetime.now(UTC)

    @contextmanager
    def store(self) -> Iterator[Store]:
        """The store, with the schema that this program needs.

        Raises:
            ProspectdError: the schema is older or newer.
        """
        opened = open_store(self.config, Surroundings(env=self.env))
        try:
            self._check_schema(opened)
            yield opened
        finally:
            opened.close()

    @contextmanager
    def context(self) -> Iterator[ServiceContext]:
        """What a service needs that asks no vendor, and so needs no secret.

        Raises:
            ProspectdError: the schema is older or newer.
        """
        with self.store() as store:
            yield build_context(self.config, Surroundings(env=self.env), store)

    @contextmanager
    def app(self, around: Surroundings | None = None, *, upgrade: bool = False) -> Iterator[App]:
        """The wired program; ``upgrade`` brings the schema up to date first."""
        around = around or Surroundings(env=self.env, ahead=read_ahead)
        opened = open_store(self.config, around)
        try:
            if upgrade:
                schema.upgrade(opened.engine)
            else:
                self._check_schema(opened)
            app = build_app(self.config, self.plugins, around, store=opened)
            try:
                yield app
            finally:
                app.close()
        finally:
            opened.close()

    def _check_schema(self, store: Store) -> None:
        current = schema.current_revision(store.engine)
        needed = schema.newest_revision()
        if current != needed:
            have = "has no tables yet" if current is None else f"has schema {current}"
            raise ProspectdError(
                f"The store {have}; this prospectd needs {needed}. "
                "Run `prospectd db upgrade`, or start the daemon, which does it by itself."
            )


def session_of(context: typer.Context) -> Session:
    """The session that the main command has begun."""
    session = context.find_root().obj
    if not isinstance(session, Session):
        raise TypeError("the command line was not set up")
    return session
