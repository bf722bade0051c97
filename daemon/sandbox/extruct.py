"""A local Extruct: the contract's calls, caps and errors, over a made-up world."""

import re
from collections.abc import Callable, Mapping
from random import Random
from typing import Any, TypeAlias

import httpx

from connectors.sdk.clock import Clock
from daemon.sandbox.bodies import (
    Refusal,
    ResumeBody,
    TaskBody,
    read_body,
    read_query,
    task_json,
)
from daemon.sandbox.timeline import SimulatedTask
from daemon.sandbox.workspace import ExtructSettings, Workspace
from daemon.sandbox.worlds import World

_TASK = r"/v1/discovery_tasks/(?P<task_id>[^/]+)"

_Handler: TypeAlias = Callable[[httpx.Request, Mapping[str, str]], Any]


class ExtructSimulator:
    """Implements :class:`~connectors.sdk.simulator.Simulator`; time moves by the clock.

    ``settings`` may be changed at any time. ``workspace`` is the state, for tests.
    """

    def __init__(
        self,
        *,
        world: World,
        clock: Clock,
        random: Random,
        settings: ExtructSettings | None = None,
    ) -> None:
        self.settings = settings or ExtructSettings()
        self.workspace = Workspace(world=world, clock=clock, random=random, settings=self.settings)
        self._routes: tuple[tuple[str, re.Pattern[str], _Handler], ...] = (
            ("GET", re.compile("/v1/healthcheck"), self._health),
            ("GET", re.compile("/v1/user"), self._user),
            ("POST", re.compile("/v1/discovery_tasks"), self._create),
            ("GET", re.compile("/v1/discovery_tasks"), self._list),
            ("GET", re.compile(_TASK), self._get),
            ("GET", re.compile(_TASK + "/results"), self._results),
            ("POST", re.compile(_TASK + "/resume"), self._resume),
        )

    def handle(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        self.workspace.settle()
        try:
            return httpx.Response(200, json=self._route(request))
        except Refusal as refusal:
            return httpx.Response(refusal.status, json={"detail": refusal.detail})

    def state(self) -> dict[str, Any]:
        """Every task with its visible rows, and the credits left, as plain JSON."""
        self.workspace.settle()
        tasks = [
            {
                **self._task_json(task),
                "requested": dict(task.request),
                "billed": task.billed,
                "results": self.workspace.rows(task),
            }
            for task in self.workspace.tasks()
        ]
        return {"credits": self.settings.credits, "tasks": tasks}

    def _route(self, request: httpx.Request) -> Any:
        path = request.url.path
        authorised = request.headers.get("authorization") == f"Bearer {self.settings.token}"
        if not authorised and path != "/v1/healthcheck":
            raise Refusal(401, "Invalid authentication credentials")
        known = False
        for method, pattern, handler in self._routes:
            if found := pattern.fullmatch(path):
                if method == request.method:
                    return handler(request, found.groupdict())
                known = True
        raise Refusal(405, "Method Not Allowed") if known else Refusal(404, "Not Found")

    def _health(self, _request: httpx.Request, _path: Mapping[str, str]) -> Any:
        return {"status": "ok"}

    def _user(self, _request: httpx.Request, _path: Mapping[str, str]) -> Any:
        return {
            "user_id": "1f0e3dad-0000-4000-8000-000000000001",
            "email": "sandbox@example.com",
            "available_credits": self.settings.credits,
            "organization_id": "1f0e3dad-0000-4000-8000-000000000002",
            "organization_name": "Sandbox",
            "organization_slug": "sandbox",
        }

    def _create(self, request: httpx.Request, _path: Mapping[str, str]) -> Any:
        return self._task_json(self.workspace.create(read_body(TaskBody, request.content)))

    def _get(self, _request: httpx.Request, path: Mapping[str, str]) -> Any:
        return self._task_json(self.workspace.task(path["task_id"]))

    def _list(self, request: httpx.Request, _path: Mapping[str, str]) -> Any:
        query = read_query(request.url.params)
        offset = query["offset"] if self.settings.honours_offset else 0
        stop = offset + _clamp(query["limit"], self.settings.list_limit)
        return [self._task_json(task) for task in self.workspace.tasks()[offset:stop]]

    def _results(self, request: httpx.Request, path: Mapping[str, str]) -> Any:
        task = self.workspace.task(path["task_id"])
        query = read_query(request.url.params)
        limit = _clamp(query["limit"], self.settings.page_limit)
        rows = self.workspace.rows(task, query["offset"], limit)
        return {**self._task_json(task), "results": rows}

    def _resume(self, request: httpx.Request, path: Mapping[str, str]) -> Any:
        body = read_body(ResumeBody, request.content)
        wanted = body["desired_new_results"]
        return self._task_json(self.workspace.resume(path["task_id"], wanted))

    def _task_json(self, task: SimulatedTask) -> dict[str, Any]:
        return task_json(task, self.workspace.now())


def _clamp(limit: int | None, most: int) -> int:
    return most if limit is None else min(limit, most)
