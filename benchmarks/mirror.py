"""``make bench``: the mirror, the exclusion plan and the idle daemon, measured against yardsticks.

A local HubSpot in a process of its own lists the companies in pages of 100; the mirror writes them
into SQLite, with the durability of the real daemon. Times are wall time, and the server shares the
machine's cores.
"""

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.processes import resident_megabytes, serve_companies, start_daemon
from connectors.registry import load_plugins
from daemon.ahead import read_ahead
from daemon.app import App
from daemon.bootstrap import Surroundings, build_app, open_store
from daemon.config.loading import load_config
from daemon.db import schema
from daemon.services.mirror_crm import MirrorCrm
from daemon.services.schedule_slots import schedule_now

COMPANIES = 200_000
SEARCHES = 10
ROWS_A_SECOND = 30_000
PLAN_MILLISECONDS = 100
IDLE_MEGABYTES = 80
CONFIG = """
[http]
listen = "127.0.0.1:0"
[daemon]
watch = true
[connectors.crm]
type = "hubspot"
token_env = "HUBSPOT_TOKEN"
"""
SEARCH = """
[searches.number-{number}]
query = "{query}"
desired_num_results = 50
schedule = "0 6 1 1 *"
push_to = ["crm"]
"""
QUERIES = (
    "vertical SaaS companies serving freight forwarding",
    "warehouse automation with robots",
    "operators of temperature-controlled warehouses",
    "makers of industrial sensors",
    "payment services for small shops",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One number beside its yardstick."""

    name: str
    value: float
    unit: str
    yardstick: str
    good: bool
    note: str = ""

    def __str__(self) -> str:
        """One line for a person."""
        verdict = "ok" if self.good else "MISSED"
        value = f"{self.value:>10,.0f} {self.unit:<7}"
        return f"{self.name:<36} {value} {self.yardstick:<10} {verdict:<7}{self.note}".rstrip()


def measure(companies: int) -> Iterator[Measure]:
    """Every measure, each as soon as it is known."""
    with TemporaryDirectory(prefix="prospectd-bench-") as name:
        folder = Path(name)
        config = _write_config(folder)
        with serve_companies(companies) as address:
            env = {**address, "PROSPECTD_STORE__URL": f"sqlite:///{folder / 'bench.db'}"}
            with _app(config, env) as app:
                for _ in app.targets["crm"].connector.scan(None):
                    """Let the server render its pages before the clock runs."""
                yield _rate("mirror, rows first seen", _sweep(app, companies))
                yield _rate("mirror, the same unchanged", _sweep(app, companies))
                yield from _plans(app)
            yield _idle(config, env, folder / "daemon.log")


def _write_config(folder: Path) -> Path:
    searches = [
        SEARCH.format(number=number, query=QUERIES[number % len(QUERIES)])
        for number in range(SEARCHES)
    ]
    path = folder / "config.toml"
    path.write_text(CONFIG + "".join(searches), encoding="utf-8")
    return path


@contextmanager
def _app(path: Path, env: dict[str, str]) -> Iterator[App]:
    plugins = load_plugins().plugins
    config = load_config(path, env, plugins)
    around = Surroundings(env=env, ahead=read_ahead)
    store = open_store(config, around)
    schema.upgrade(store.engine)
    app = build_app(config, plugins, around, store=store)
    app.load()
    try:
        yield app
    finally:
        app.close()


def _sweep(app: App, companies: int) -> tuple[float, float]:
    """Rows a second of one whole listing, by the clock and by our own use of the processor."""
    target = app.targets["crm"]
    mirror = MirrorCrm(app.context, target.connector, name=target.name, options=target.options)
    began, used = time.perf_counter(), time.process_time()
    result = mirror.run_once(sweep_now=True)
    read = result.records
    while result.more:
        result = mirror.run_once()
        read += result.records
    took, used = time.perf_counter() - began, time.process_time() - used
    if result.fault is not None or read < companies:
        raise SystemExit(f"the listing ended after {read} of {companies} rows: {result.fault}")
    return read / took, read / used


def _rate(name: str, rates: tuple[float, float]) -> Measure:
    by_clock, by_processor = rates
    return Measure(
        name=name,
        value=by_clock,
        unit="rows/s",
        yardstick=f">= {ROWS_A_SECOND:,}",
        good=by_clock >= ROWS_A_SECOND,
        note=f"{by_processor:,.0f} for each second of processor time",
    )


def _plans(app: App) -> Iterator[Measure]:
    """The slowest plan of a task: due slots, guards, candidates, plan and intent, all in all."""
    jobs = {job.name: job for job in app.jobs}
    began = time.perf_counter()
    jobs["index"].run()
    took = time.perf_counter() - began
    yield Measure(name="index of what is known, in full", value=took, unit="s", yardstick="-",
                  good=True)  # fmt: skip
    slowest = 0.0
    for number in range(SEARCHES):
        schedule_now(app.context, [f"number-{number}"])
        began = time.perf_counter()
        jobs["start"].run()
        slowest = max(slowest, time.perf_counter() - began)
    milliseconds = slowest * 1000
    yield Measure(
        name="exclusion plan, the slowest of ten",
        value=milliseconds,
        unit="ms",
        yardstick=f"< {PLAN_MILLISECONDS}",
        good=milliseconds < PLAN_MILLISECONDS,
    )


def _idle(config: Path, env: dict[str, str], log: Path) -> Measure:
    with start_daemon(config, env, log) as process:
        size = resident_megabytes(process, log, settle=timedelta(seconds=20))
    return Measure(
        name="idle daemon",
        value=size,
        unit="MB",
        yardstick=f"< {IDLE_MEGABYTES}",
        good=size < IDLE_MEGABYTES,
    )


def main(arguments: Sequence[str]) -> int:
    """Print every measure; 1 when a yardstick is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.mirror", description=__doc__)
    parser.add_argument("--companies", type=int, default=COMPANIES, help="%(default)s")
    missed = 0
    for one in measure(parser.parse_args(arguments).companies):
        sys.stdout.write(f"{one}\n")
        sys.stdout.flush()
        missed += not one.good
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
