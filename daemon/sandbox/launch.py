"""Puts a sandbox together: a world, an Extruct to search it, a HubSpot that knows some."""

import signal
import sys
import threading
from collections.abc import Callable, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from random import Random
from types import FrameType, TracebackType
from typing import Any, Self

import orjson

from connectors.hubspot.simulator import HubSpotSimulator
from connectors.sdk.clock import Clock, SystemClock
from connectors.sdk.simulator import FaultKind, Faults
from daemon.sandbox.extruct import ExtructSimulator
from daemon.sandbox.population import CrmCompany, make_crm
from daemon.sandbox.server import Control, SandboxServer, Site
from daemon.sandbox.timeline import Pace
from daemon.sandbox.workspace import ExtructSettings
from daemon.sandbox.worlds import World, make_world

_NO_LIMIT = 1_000_000  # requests a second: the sandbox is for trying campaigns, not for waiting


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxOptions:
    """What a sandbox is like; the same options make the same companies.

    ``companies`` is what can be found, ``crm`` how many records HubSpot holds at the start, of
    which ``known_share`` of the companies that can be found are a part. ``faults`` is the share of
    requests that go wrong. A port of 0 is any free one. ``task_seconds`` is how long a search
    takes; ``index_lag`` for how many seconds HubSpot's search does not see a write.
    """

    seed: int = 7
    companies: int = 5_000
    crm: int = 2_000
    known_share: float = 0.3
    faults: float = 0.0
    fault_kinds: tuple[FaultKind, ...] = tuple(FaultKind)
    slow_seconds: float = 1.0
    extruct_port: int = 0
    hubspot_port: int = 0
    host: str = "127.0.0.1"
    credits: float = 10_000.0
    task_seconds: float = 20.0
    index_lag: float = 3.0
    extruct_token: str = "sandbox-extruct-token"  # noqa: S105 - opens nothing but the sandbox
    hubspot_token: str = "sandbox-hubspot-token"  # noqa: S105 - same


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulators:
    """The two vendors of a sandbox, and the world behind them."""

    world: World
    extruct: ExtructSimulator
    hubspot: HubSpotSimulator


def make_simulators(options: SandboxOptions, *, clock: Clock | None = None) -> Simulators:
    """The simulators alone, for use in process. Repeatable when the clock is."""
    clock = clock or SystemClock()
    world = make_world(options.seed, options.companies)
    extruct = ExtructSimulator(
        world=world,
        clock=clock,
        random=Random(options.seed),
        settings=ExtructSettings(
            token=options.extruct_token,
            credits=options.credits,
            pace=Pace(seconds=options.task_seconds),
        ),
    )
    hubspot = HubSpotSimulator(
        clock=clock,
        random=Random(options.seed + 1),
        token=options.hubspot_token,
        index_lag=timedelta(seconds=options.index_lag),
        requests_per_10s=_NO_LIMIT,
        searches_per_second=_NO_LIMIT,
    )
    crm = make_crm(world, seed=options.seed, size=options.crm, known_share=options.known_share)
    hubspot.seed(hubspot_properties(crm))
    return Simulators(world=world, extruct=extruct, hubspot=hubspot)


def hubspot_properties(companies: Iterable[CrmCompany]) -> Iterable[dict[str, str]]:
    """Records as HubSpot's own properties."""
    for company in companies:
        properties = {
            "name": company.name,
            "domain": company.domain,
            "website": company.website,
            "hs_additional_domains": ";".join(company.additional_domains),
            "country": company.country,
            "city": company.city,
            "description": company.description,
        }
        yield {name: value for name, value in properties.items() if value}


class Sandbox:
    """A sandbox that is served on loopback while it is open (a context manager)."""

    def __init__(self, options: SandboxOptions, *, clock: Clock | None = None) -> None:
        self.options = options
        self.simulators = make_simulators(options, clock=clock)
        self.urls: Mapping[str, str] = {}
        self._server = SandboxServer(
            {
                "extruct": Site(
                    simulator=self.simulators.extruct,
                    faults=_faults(options, 2),
                    controls=extruct_controls(self.simulators.extruct),
                    port=options.extruct_port,
                ),
                "hubspot": Site(
                    simulator=self.simulators.hubspot,
                    faults=_faults(options, 3),
                    controls=hubspot_controls(self.simulators.hubspot),
                    port=options.hubspot_port,
                ),
            },
            host=options.host,
            clock=clock,
        )

    def __enter__(self) -> Self:
        self.urls = self._server.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.stop()

    def describe(self) -> dict[str, Any]:
        """Addresses, tokens and options, as plain JSON."""
        options = asdict(self.options)
        tokens = {name: options.pop(f"{name}_token") for name in ("extruct", "hubspot")}
        sites = {name: {"url": url, "token": tokens[name]} for name, url in self.urls.items()}
        return {**sites, "options": options}


def _faults(options: SandboxOptions, salt: int) -> Faults:
    return Faults(
        rate=options.faults,
        kinds=options.fault_kinds,
        random=Random(options.seed + salt),
        slow_seconds=options.slow_seconds,
    )


def extruct_controls(simulator: ExtructSimulator) -> dict[str, Control]:
    """What can be asked of the local Extruct below ``/_sandbox/``."""
    settings = simulator.settings

    def set_credits(body: dict[str, Any]) -> dict[str, Any]:
        settings.credits = float(body.get("available", settings.credits))
        return {"available": settings.credits}

    def set_billing(body: dict[str, Any]) -> dict[str, Any]:
        settings.refusal = body.get("refusal", settings.refusal)
        return {"refusal": settings.refusal}

    def fail_next(body: dict[str, Any]) -> dict[str, Any]:
        settings.failing = int(body.get("next", settings.failing))
        return {"next": settings.failing}

    return {
        "state": lambda _body: simulator.state(),
        "credits": set_credits,
        "billing": set_billing,
        "failing": fail_next,
    }


def hubspot_controls(simulator: HubSpotSimulator) -> dict[str, Control]:
    """What can be asked of the local HubSpot below ``/_sandbox/``, in a person's place."""

    def archive(body: dict[str, Any]) -> dict[str, Any]:
        simulator.archive(body["id"])
        return {"id": body["id"]}

    def merge(body: dict[str, Any]) -> dict[str, Any]:
        simulator.merge(survivor_id=body["survivor_id"], lost_id=body["lost_id"])
        return {"id": body["survivor_id"]}

    def edit(body: dict[str, Any]) -> dict[str, Any]:
        simulator.edit(body["id"], **body["properties"])
        return {"id": body["id"]}

    return {
        "state": lambda _body: {"companies": simulator.companies()},
        "create": lambda body: {"id": simulator.create(**body["properties"])},
        "edit": edit,
        "archive": archive,
        "merge": merge,
    }


def serve_sandbox(
    options: SandboxOptions, *, announce: Callable[[dict[str, Any]], None] | None = None
) -> None:
    """Serve until SIGTERM or SIGINT; only for a process's main thread.

    When it is ready, its description goes to ``announce``, by default as one line of JSON to
    stdout.

    Raises:
        OSError: a port is taken.
    """
    with _until_signal() as stopped, Sandbox(options) as sandbox:
        (announce or _print_line)(sandbox.describe())
        stopped.wait()


@contextmanager
def _until_signal() -> Any:
    stopped = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopped.set()

    before = {each: signal.signal(each, stop) for each in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stopped
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def _print_line(description: dict[str, Any]) -> None:
    sys.stdout.write(orjson.dumps(description).decode() + "\n")
    sys.stdout.flush()
