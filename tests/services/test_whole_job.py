"""The main job on both databases: searches in, new companies in the CRM, none twice or missed."""

from pathlib import Path
from random import Random

import pytest

from connectors.sdk.simulator import Faults
from daemon.db.store import Store
from daemon.sandbox.launch import SandboxOptions
from tests.support.rigs import EVERY_FAULT, Rig

SMALL = SandboxOptions(seed=11, companies=400, crm=2_500, known_share=0.4)


def assert_all_there_once(rig: Rig) -> None:
    """Every eligible company is in the CRM exactly once; none that it held before is doubled."""
    pushes = rig.rows("pushes", limit=10_000)
    assert pushes, "a test in which nothing is pushed proves nothing"
    assert {push["state"] for push in pushes} <= {"created", "existed", "held"}
    created = sorted(push["key"] for push in pushes if push["state"] == "created")
    assert rig.ours() == created
    holders = rig.holders()
    assert [key for key in created if holders[key] != 1 and ":" not in key] == []
    wanted = {"new"}
    decided = rig.rows("companies", limit=100_000)
    eligible = {row["key"] for row in decided if row["decision"] in wanted}
    assert eligible <= {push["key"] for push in pushes}


def test_new_companies_arrive_once_and_a_second_run_pushes_nothing(
    store: Store, tmp_path: Path
) -> None:
    """Against a messy CRM nothing is doubled or missed; run again, there is nothing to push."""
    rig = Rig(store, tmp_path, SMALL)
    before = {record["id"] for record in rig.crm()}
    result = rig.until_quiet()
    assert result.problems == ()
    assert_all_there_once(rig)
    first = rig.ours()
    assert len(first) > 5
    rig.text = rig.text.replace("desired_num_results = 60", "desired_num_results = 250")
    rig.until_quiet()
    exhausted = rig.ours()
    rig.until_quiet()
    assert rig.ours() == exhausted
    assert_all_there_once(rig)
    assert before <= {record["id"] for record in rig.crm()}


@pytest.mark.parametrize("seed", range(3))
def test_faults_and_lost_replies_neither_double_nor_lose(
    store: Store, tmp_path: Path, seed: int
) -> None:
    """With a tenth of all requests going wrong the same holds, and no task is paid twice."""
    rig = Rig(
        store, tmp_path, SMALL, faults=Faults(rate=0.1, kinds=EVERY_FAULT, random=Random(seed))
    )
    rig.until_quiet()
    rig.faults.rate = 0.0
    rig.until_quiet(now=False)
    assert_all_there_once(rig)
    paid = rig.simulators.extruct.state()["tasks"]
    assert len(paid) == len(rig.rows("tasks"))
