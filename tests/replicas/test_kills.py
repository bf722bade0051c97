import random
import resource
from subprocess import Popen

import pytest

from tests.replicas.conftest import LONG, has_ended, kills, run_for
from tests.replicas.proof import Stage
from tests.support.processes import daemon_process, wait_for_line

LONGEST = 300 + 4 * LONG


@pytest.mark.timeout(LONGEST)
def test_killed_at_random_moments_nothing_is_lost_or_doubled(sqlite_stage: Stage) -> None:
    """However often the daemon is killed, each company is there once and each task paid once."""
    moments = random.Random(7)
    for _ in range(kills(8)):
        run_for(sqlite_stage, moments.uniform(1.0, 2.5))
    sqlite_stage.finish()
    sqlite_stage.assert_once_each()


@pytest.mark.timeout(LONGEST)
def test_a_full_disk_stops_nothing_for_ever(sqlite_stage: Stage) -> None:
    """While the store cannot grow the daemon waits and says so; with room again it goes on."""
    log = sqlite_stage.folder / "daemon.log"
    with daemon_process(sqlite_stage.config, env=sqlite_stage.env, log=log) as process:
        wait_for_line(log, '"task.submitting"')
        _let_files_grow_to(process, 64 * 1024 + log.stat().st_size)
        wait_for_line(log, '"store.unavailable"')
        _let_files_grow_to(process, resource.RLIM_INFINITY)
        assert not has_ended(process, 1.0), "the daemon has ended by itself"
    sqlite_stage.finish()
    sqlite_stage.assert_once_each()


def _let_files_grow_to(process: "Popen[bytes]", size: int) -> None:
    """Refuse the process any write beyond this size, as a full disk would."""
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
