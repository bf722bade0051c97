"""Judging requests and replies by the vendor's OpenAPI document, with openapi-core.

openapi-core is needed by those who test, not by those who run: install it beside pytest.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import yaml
from jsonschema_path import SchemaPath
from openapi_core import Config, OpenAPI
from openapi_core.datatypes import RequestParameters
from openapi_core.templating.paths.exceptions import PathError
from openapi_core.templating.paths.finders import APICallPathFinder
from openapi_core.templating.responses.exceptions import ResponseNotFound
from werkzeug.datastructures import Headers, ImmutableMultiDict


def load_specification(path: Path) -> dict[str, Any]:
    """A vendor's OpenAPI document, from JSON or YAML.

    Raises:
        OSError: it cannot be read.
    """
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".json":
        return dict(json.loads(text))
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return dict(yaml.load(text, Loader=loader))  # noqa: S506 - both loaders are the safe ones


class OpenApiValidator:
    """Judge of all that goes over a wire.

    Args:
        specifications: the vendor's documents; a path is looked for in each of them.
        base_url: what stands before the documents' paths.
        elsewhere: beginnings of paths that no document describes, such as the token endpoint.
        tolerated: texts; a problem that contains one of them is the document's own mistake.
    """

    def __init__(
        self,
        specifications: Sequence[Mapping[str, Any]],
        *,
        base_url: str,
        elsewhere: Sequence[str] = (),
        tolerated: Sequence[str] = (),
    ) -> None:
        self._apis = [_Api(_usable(spec, base_url)) for spec in specifications]
        self._elsewhere = tuple(elsewhere)
        self._tolerated = tuple(tolerated)

    def request_problems(self, request: httpx.Request) -> Sequence[str]:
        """What the documents forbid about this request: path, parameters, unknown ones, body."""
        if self._is_elsewhere(request):
            return ()
        spoken = _SpokenRequest(request)
        for api in self._apis:
            errors = list(api.judge.iter_request_errors(spoken))
            if not _no_such_path(errors):
                problems = [*_texts(errors), *_undeclared(api.finder, spoken)]
                return self._told(request, problems)
        return self._told(request, ["no such path or method"])

    def response_problems(self, request: httpx.Request, response: httpx.Response) -> Sequence[str]:
        """What the documents forbid about this reply."""
        if self._is_elsewhere(request):
            return ()
        spoken = _SpokenRequest(request)
        for api in self._apis:
            errors = list(api.judge.iter_response_errors(spoken, _SpokenResponse(response)))
            if response.is_error and any(isinstance(error, ResponseNotFound) for error in errors):
                return ()  # documents seldom describe every refusal
            if not _no_such_path(errors):
                return self._told(
                    request, [f"reply {response.status_code}: {text}" for text in _texts(errors)]
                )
        return ()

    def _is_elsewhere(self, request: httpx.Request) -> bool:
        return request.url.path.startswith(self._elsewhere) if self._elsewhere else False

    def _told(self, request: httpx.Request, problems: Iterable[str]) -> list[str]:
        where = f"{request.method} {request.url.path}"
        return [
            f"{where}: {problem}"
            for problem in problems
            if not any(text in problem for text in self._tolerated)
        ]


class _Api:
    """One document, ready to judge."""

    def __init__(self, specification: dict[str, Any]) -> None:
        # Vendors' documents are not always valid themselves; that is not what is judged here.
        self.judge = OpenAPI.from_dict(specification, config=Config(spec_validator_cls=None))
        self.finder = APICallPathFinder(SchemaPath.from_dict(specification))


class _SpokenRequest:
    """An httpx request as openapi-core reads it."""

    def __init__(self, request: httpx.Request) -> None:
        parts = urlsplit(str(request.url))
        self.host_url = f"{parts.scheme}://{parts.netloc}"
        self.path = request.url.path
        self.method = request.method.lower()
        self.content_type = request.headers.get("content-type", "").lower()
        self.body = request.content or None
        self.parameters = RequestParameters(
            query=ImmutableMultiDict(request.url.params.multi_items()),
            header=Headers(request.headers.multi_items()),
            cookie=ImmutableMultiDict(),
        )


class _SpokenResponse:
    """An httpx response as openapi-core reads it."""

    def __init__(self, response: httpx.Response) -> None:
        self.status_code = response.status_code
        self.content_type = response.headers.get("content-type", "").lower()
        self.headers = Headers(response.headers.multi_items())
        self.data = response.content


def _no_such_path(errors: Sequence[Exception]) -> bool:
    return any(isinstance(error, PathError) for error in errors)


def _texts(errors: Iterable[Exception]) -> Iterator[str]:
    """Each error with its causes: openapi-core hides the telling part in them."""
    for error in errors:
        causes = getattr(error.__cause__, "schema_errors", ())
        details = [
            f"{'/'.join(str(part) for part in cause.absolute_path)}: {cause.message}"[:300]
            for cause in causes
        ]
        text = "; ".join([str(error), *details]) if details else f"{error} {error.__cause__ or ''}"
        if "deepObject" not in text:  # a style of parameters that openapi-core cannot read
            yield text


def _undeclared(finder: APICallPathFinder, spoken: _SpokenRequest) -> Iterator[str]:
    """Query parameters that the document does not know: servers ignore them silently."""
    found = finder.find(spoken.method, spoken.host_url + spoken.path)
    declared = {
        _stem((parameter / "name").read_str())
        for level in (found.path, found.operation)
        if "parameters" in level
        for parameter in level / "parameters"
        if (parameter / "in").read_str() == "query"
    }
    for name in spoken.parameters.query:
        if _stem(name) not in declared:
            yield f"the query parameter {name} is not in the specification"


def _stem(name: str) -> str:
    """The name of a parameter without the brackets of arrays and objects."""
    return name.partition("[")[0]


def _usable(specification: Mapping[str, Any], base_url: str) -> dict[str, Any]:
    """The document without what validators stumble over, served at ``base_url``."""
    cleaned: dict[str, Any] = _cleaned(specification)
    cleaned["servers"] = [{"url": base_url}]
    cleaned.pop("security", None)
    for path in cleaned.get("paths", {}).values():
        path.pop("servers", None)
        for operation in path.values():
            if isinstance(operation, dict):
                _simplify(operation)
    return cleaned


def _simplify(operation: dict[str, Any]) -> None:
    """Leave out who may call it and where, and the reply that allows anything."""
    operation.pop("security", None)
    operation.pop("servers", None)
    responses = operation.get("responses", {})
    if len(responses) > 1:
        responses.pop("default", None)


def _cleaned(value: Any) -> Any:
    """Drop ``example: null``; let anything stand where a document refers to another one."""
    if isinstance(value, list):
        return [_cleaned(inner) for inner in value]
    if not isinstance(value, Mapping):
        return value
    reference = value.get("$ref")
    if isinstance(reference, str) and not reference.startswith("#"):
        return {}
    return {
        key: _cleaned(inner)
        for key, inner in value.items()
        if not (inner is None and key in {"example", "default"})
    }
