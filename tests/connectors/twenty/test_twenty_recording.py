"""The simulator beside the recorded exchanges with a running Twenty 0.55."""

import re
from functools import cache
from typing import Any

import httpx
import pytest

from tests.connectors.twenty.recording import COUNT, PATH, load_recording, run_replay

PARTLY_COMPARED = {
    10: "half a megabyte of interface description, cut at 6 kB in the recording; the connector "
    "never asks for it. What stands before its schemas is compared.",
}
"""Exchanges of which not everything is compared, each with the reason. No other is left out."""

_CUT_LIST = re.compile(r"…\[truncated: (\d+) more items\]")

pytestmark = pytest.mark.skipif(not PATH.exists(), reason="../shared/recordings is not here")


@cache
def answers() -> dict[int, httpx.Response]:
    return run_replay()


def difference(recorded: Any, answered: Any, where: str = "") -> str:
    """The first difference, or nothing; the recording's cut lists are compared up to the cut."""
    if isinstance(recorded, dict) and isinstance(answered, dict):
        if recorded.keys() != answered.keys():
            return f"{where}: keys differ by {sorted(recorded.keys() ^ answered.keys())}"
        pairs = [(recorded[key], answered[key], f"{where}/{key}") for key in recorded]
    elif isinstance(recorded, list) and isinstance(answered, list):
        cut = _CUT_LIST.fullmatch(str(recorded[-1])) if recorded else None
        shown = recorded[:-1] if cut else recorded
        if len(shown) + (int(cut[1]) if cut else 0) != len(answered):
            return f"{where}: {len(answered)} items in place of {len(recorded)}"
        pairs = [(a, b, f"{where}/{i}") for i, (a, b) in enumerate(zip(shown, answered))]  # noqa: B905 - up to the cut
    else:
        return "" if recorded == answered else f"{where}: {answered!r} in place of {recorded!r}"
    return next((found for pair in pairs if (found := difference(*pair))), "")


@pytest.mark.parametrize("number", range(COUNT))
def test_simulator_answers_as_the_real_server_did(number: int) -> None:
    """Status, content type and every value are those of the recorded answer."""
    recorded, answered = load_recording()[number], answers()[number]
    assert answered.status_code == recorded.status, f"{recorded.what}: {answered.text}"
    assert answered.headers["content-type"] == recorded.content_type
    if number in PARTLY_COMPARED:
        head = recorded.answer.split('"schemas"')[0]
        assert answered.text.startswith(head), recorded.what
    else:
        assert not difference(recorded.answer, answered.json(), recorded.what)


def test_every_exchange_is_compared() -> None:
    """The recording has as many exchanges as are compared here, one by one."""
    assert len(load_recording()) == COUNT
    assert set(answers()) == set(range(COUNT))
