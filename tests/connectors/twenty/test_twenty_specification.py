"""The recorded server and the simulator beside Twenty's own OpenAPI document."""

import httpx
import pytest

from tests.connectors.twenty.recording import PATH, Recorded, load_recording, run_replay
from tests.connectors.twenty.specification import DEVIATIONS, SPECIFICATION, judge

HOST = "crm.example"

pytestmark = pytest.mark.skipif(
    not (PATH.exists() and SPECIFICATION.exists()), reason="../shared is not here"
)


def of_companies() -> list[Recorded]:
    """The exchanges that the document describes, but for those without or with a wrong token."""
    places = ("/rest/companies", "/rest/batch/companies")
    return [
        each
        for each in load_recording()
        if each.path.startswith(places)
        and each.status in (200, 201, 400)
        and "duplicates" not in each.path
        and "[truncated" not in str(each.answer)
    ]


def test_recorded_answers_keep_to_the_document_but_for_the_listed_deviations() -> None:
    """With null allowed and cursors as texts, every recorded answer is one that it describes."""
    problems = [
        problem
        for each in of_companies()
        for problem in judge(HOST).response_problems(
            each.request(), httpx.Response(each.status, json=each.answer)
        )
    ]
    assert len(of_companies()) > 100
    assert problems == []


def test_simulated_answers_keep_to_the_document() -> None:
    """So is every answer of the simulator to the recorded requests."""
    answers = run_replay()
    problems = [
        problem
        for each in of_companies()
        for problem in judge(HOST).response_problems(each.request(), answers[each.number])
    ]
    assert problems == []


def test_the_judge_sees_what_is_forbidden() -> None:
    """A page beyond the limit, an unknown parameter and a wrong body are all found."""
    bad = (
        httpx.Request("GET", f"https://{HOST}/rest/companies?limit=61"),
        httpx.Request("GET", f"https://{HOST}/rest/companies?limt=6"),
        httpx.Request("POST", f"https://{HOST}/rest/companies", json={"employees": "many"}),
        httpx.Request("PUT", f"https://{HOST}/rest/companies"),
    )
    assert all(judge(HOST).request_problems(request) for request in bad)
    answer = httpx.Response(200, json={"data": {"companies": [{"name": 5}]}})
    good = httpx.Request("GET", f"https://{HOST}/rest/companies?limit=6")
    assert judge(HOST).request_problems(good) == []
    assert judge(HOST).response_problems(good, answer)


def test_the_deviations_are_real() -> None:
    """To the letter of the document the recorded server is wrong: with null and with cursors."""
    recorded = next(each for each in of_companies() if "first page" in each.what)
    answer = httpx.Response(recorded.status, json=recorded.answer)
    strict = judge(HOST, to_the_letter=True).response_problems(recorded.request(), answer)
    assert any("None is not of type" in problem for problem in strict), DEVIATIONS
    assert judge(HOST).response_problems(recorded.request(), answer) == []
