"""Plain requests to a simulated Extruct, and the vendor's own OpenAPI as their judge."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import yaml

from connectors.sdk.conformance.clock import VirtualClock
from daemon.sandbox.extruct import ExtructSimulator

QUERY = "vertical SaaS companies serving freight forwarding"
BASE_URL = "https://extruct.test"
TASKS = "/v1/discovery_tasks"
REFERENCE = Path(__file__).resolve().parents[2] / ".." / "shared" / "reference"
_BLOCK = re.compile(r"````yaml[^\n]*\n(.*?)````", re.DOTALL)


class Calls:
    """Each call as a client would make it; gives the reply as it came."""

    def __init__(self, simulator: ExtructSimulator, clock: VirtualClock) -> None:
        self._simulator = simulator
        self._clock = clock
        self.made: list[tuple[httpx.Request, httpx.Response]] = []

    def send(self, method: str, path: str, **more: Any) -> httpx.Response:
        """One request with the right token."""
        headers = {"authorization": f"Bearer {self._simulator.settings.token}"}
        request = httpx.Request(method, BASE_URL + path, headers=headers, **more)
        response = self._simulator.handle(request)
        self.made.append((request, response))
        return response

    def create(self, query: str = QUERY, **body: Any) -> httpx.Response:
        """Ask for a task."""
        return self.send("POST", TASKS, json={"query": query, **body})

    def created(self, query: str = QUERY, **body: Any) -> dict[str, Any]:
        """A task that must have been made."""
        response = self.create(query, **body)
        assert response.status_code == 200, response.text
        return dict(response.json())

    def get(self, task_id: str) -> dict[str, Any]:
        """The task as it is now."""
        return dict(self.send("GET", f"{TASKS}/{task_id}").json())

    def page(self, task_id: str, **params: int) -> dict[str, Any]:
        """One page of results."""
        return dict(self.send("GET", f"{TASKS}/{task_id}/results", params=params).json())

    def rows(self, task_id: str) -> list[dict[str, Any]]:
        """Every visible row at this moment."""
        found: list[dict[str, Any]] = []
        while rows := self.page(task_id, offset=len(found))["results"]:
            found += rows
        return found

    def resume(self, task_id: str, wanted: int) -> httpx.Response:
        """Ask a task for more."""
        body = {"desired_new_results": wanted}
        return self.send("POST", f"{TASKS}/{task_id}/resume", json=body)

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self._clock.advance(timedelta(seconds=seconds))


def vendor_documents() -> list[dict[str, Any]]:
    """The OpenAPI blocks of the vendor's two pages, with the calls that they describe in words.

    Reading one task, listing and resuming have no OpenAPI of their own, but answer with the same
    ``DiscoveryTaskOutput``.
    """
    documents = []
    for name in ("extruct-create-task.md", "extruct-task-results.md"):
        text = (REFERENCE / name).read_text(encoding="utf-8")
        found = _BLOCK.search(text)
        assert found is not None, f"{name} holds no OpenAPI"
        documents.append(dict(yaml.safe_load(found[1])))
    output = {"$ref": "#/components/schemas/DiscoveryTaskOutput"}
    paths = documents[0]["paths"]
    task_id = {"name": "task_id", "in": "path", "required": True, "schema": {"type": "string"}}
    paths[TASKS]["get"] = {
        "parameters": [
            {"name": name, "in": "query", "schema": {"type": "integer"}}
            for name in ("offset", "limit")
        ],
        **_answers({"type": "array", "items": output}),
    }
    paths[TASKS + "/{task_id}"] = {"parameters": [task_id], "get": _answers(output)}
    body = {"content": {"application/json": {"schema": {"type": "object"}}}}
    paths[TASKS + "/{task_id}/resume"] = {
        "parameters": [task_id],
        "post": {"requestBody": body, **_answers(output)},
    }
    return documents


def loosened(documents: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same, with the values that real replies are known to hold beside the published ones."""
    for document in documents:
        schemas = document["components"]["schemas"]
        schemas["DiscoveryDataSource"]["enum"].append("extruct_db")
        if sizes := schemas.get("CompanySize"):
            spelled = [f"SIZE_{size.replace('-', '_')}" for size in sizes["enum"][:-1]]
            sizes["enum"] += [*spelled, "SIZE_10000_PLUS"]
    return documents


def _answers(schema: dict[str, Any]) -> dict[str, Any]:
    invalid = {"$ref": "#/components/schemas/HTTPValidationError"}
    return {
        "responses": {
            status: {"description": status, "content": {"application/json": {"schema": each}}}
            for status, each in (("200", schema), ("422", invalid))
        }
    }
