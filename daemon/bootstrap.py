"""The composition root: a configuration becomes a wired program. Only here are adapters chosen."""

import os
import socket
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from random import Random
from types import MappingProxyType
from typing import Any

import httpx

from connectors.registry import open_connector
from connectors.sdk.clock import Clock, SystemClock
from connectors.sdk.faults import Fault
from connectors.sdk.protocol import ConnectorContext, ConnectorPlugin, Exchange, RateGate
from daemon.ahead import in_turn
from daemon.app import App, ClosedTarget
from daemon.config.models import Config
from daemon.config.secrets import resolve_secrets, store_url
from daemon.db.audit import AuditEvent
from daemon.db.engine import open_engine
from daemon.db.rate_gate import StoreRateGate
from daemon.db.store import Store, ignore_event, pass_point
from daemon.domain.pauses import PausePolicy
from daemon.domain.redirects import Landing
from daemon.domain.retries import RetryPolicy
from daemon.extruct.client import ExtructClient
from daemon.jobs import wire_jobs
from daemon.requests import RequestLog, ignore_exchange
from daemon.services.context import ServiceContext, never_stopping
from daemon.services.guards import Target
from daemon.sites.visitor import SiteVisitor, VisitLimits


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What a program runs in; tests and the simulation put their own in place of the world's.

    ``transport`` replaces the network, and ``visit`` the look at where a website leads; ``emit``
    hears every audit event after its commit; ``point`` hears the name of every commit;
    ``stopping`` turns true when no new work may begin; ``ahead`` may fetch pages of a listing in a
    thread, which only a real daemon wants.
    """

    env: Mapping[str, str] = field(default_factory=lambda: MappingProxyType(dict(os.environ)))
    clock: Clock = field(default_factory=SystemClock)
    random: Random = field(default_factory=Random)
    owner: str = field(default_factory=lambda: f"{socket.gethostname()}:{os.getpid()}")
    transport: httpx.BaseTransport | None = None
    visit: Callable[[str], Landing] | None = None
    emit: Callable[[AuditEvent], None] = ignore_event
    observe: Callable[[Exchange], None] = ignore_exchange
    point: Callable[[str], None] = pass_point
    stopping: Callable[[], bool] = never_stopping
    durable: bool = True
    ahead: Callable[[Iterator[Any]], Iterator[Any]] = in_turn


def open_store(config: Config, around: Surroundings) -> Store:
    """The configured database; nothing is read or written yet.

    Raises:
        ConfigProblems: the password's variable or file is missing.
    """
    engine = open_engine(
        store_url(config.store, around.env),
        durable=around.durable,
        lock_wait=config.store.lock_wait,
        pool_size=config.store.pool_size,
    )
    return Store(engine, emit=around.emit, point=around.point)


def build_context(
    config: Config, around: Surroundings, store: Store, requests: RequestLog | None = None
) -> ServiceContext:
    """What a service is given; enough for those that ask no vendor."""
    return ServiceContext(
        store=store,
        clock=around.clock,
        random=around.random,
        owner=around.owner,
        lease=config.daemon.lease,
        retries=RetryPolicy(
            first=config.retries.first,
            longest=config.retries.longest,
            attempts=config.retries.attempts,
        ),
        pauses=PausePolicy(
            first=config.retries.first,
            longest=config.retries.longest,
            person_every=config.retries.credentials_every,
        ),
        requests=requests or RequestLog(around.observe),
        stopping=around.stopping,
        ahead=around.ahead,
    )


def build_app(
    config: Config,
    plugins: Mapping[str, ConnectorPlugin[Any]],
    around: Surroundings,
    *,
    store: Store | None = None,
) -> App:
    """Wire everything. A connector that does not open is reported and holds nobody else up."""
    store = store or open_store(config, around)
    requests = RequestLog(around.observe)
    context = build_context(config, around, store, requests)
    gate = None if store.is_sqlite else StoreRateGate(store, around.clock)
    client = _open_extruct(config, around, requests, gate)
    targets, closed = _open_targets(config, plugins, around, requests, gate)
    return App(
        config=config,
        context=context,
        client=client,
        targets=targets,
        closed_targets=closed,
        jobs=wire_jobs(config, context, client, targets, _open_visitor(config, around)),
    )


def _open_visitor(config: Config, around: Surroundings) -> Callable[[str], Landing] | None:
    options = config.redirects
    if not options.follow:
        return None
    if around.visit is not None or around.transport is not None:
        return around.visit  # simulated vendors have no websites unless somebody gives them some
    limits = VisitLimits(
        timeout=options.timeout,
        max_redirects=options.max_redirects,
        max_bytes=options.max_bytes,
        requests_per_minute=options.requests_per_minute,
    )
    return SiteVisitor(limits, clock=around.clock).visit


def _open_extruct(
    config: Config, around: Surroundings, requests: RequestLog, gate: RateGate | None
) -> ExtructClient:
    secrets = resolve_secrets(config.extruct, ("token",), around.env)
    return ExtructClient(
        base_url=config.extruct.base_url,
        token=secrets.get("token", ""),
        context=_context("extruct", secrets, around, requests, gate),
        timeout=config.extruct.timeout,
    )


def _open_targets(
    config: Config,
    plugins: Mapping[str, ConnectorPlugin[Any]],
    around: Surroundings,
    requests: RequestLog,
    gate: RateGate | None,
) -> tuple[dict[str, Target], list[ClosedTarget]]:
    targets: dict[str, Target] = {}
    closed: list[ClosedTarget] = []
    for name, options in config.connectors.items():
        plugin = plugins[options.type]
        secrets = resolve_secrets(options, plugin.secrets, around.env)
        try:
            connector = open_connector(
                plugin, options, _context(name, secrets, around, requests, gate)
            )
        except Fault as fault:
            closed.append(ClosedTarget(name=name, reason=fault.message))
        else:
            targets[name] = Target(name=name, connector=connector, options=options)
    return targets, closed


def _context(
    name: str,
    secrets: Mapping[str, str],
    around: Surroundings,
    requests: RequestLog,
    gate: RateGate | None,
) -> ConnectorContext:
    return ConnectorContext(
        name=name,
        secrets=secrets,
        transport=around.transport,
        clock=around.clock,
        random=around.random,
        observe=requests.observe,
        rates=gate,
    )
