"""Twenty's own ways of saying no, above all GraphQL's errors under status 200; pure."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import orjson

from connectors.sdk.faults import (
    BadCredentials,
    Fault,
    NotProcessed,
    Permanent,
    RateLimited,
)
from connectors.sdk.replies import Reply, cut_message

_GRAPHQL_PATHS = ("/graphql", "/metadata")
_TOO_MANY = re.compile(r"too many requests|limit reached|rate limit", re.IGNORECASE)
_COLD = re.compile(r"metadata version not found", re.IGNORECASE)
_NOBODY = re.compile(r'Cannot query field "companies" on type "Query"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """Reads Twenty's refusals; ``secrets`` never show in what it says."""

    secrets: Collection[str]

    def judge(self, reply: Reply) -> Fault | None:
        """The fault that a reply is, where it takes knowing Twenty; None: the common rules."""
        if reply.status not in (HTTPStatus.OK, HTTPStatus.BAD_REQUEST) or reply.is_html:
            return None
        if reply.where.path.endswith(_GRAPHQL_PATHS):
            return self._judge_graphql(reply)
        return self._judge_rest(reply) if reply.status == HTTPStatus.BAD_REQUEST else None

    def words(self, reply: Reply) -> str:
        """What REST says was wrong: its ``messages`` or ``message``, else the status."""
        body = _decoded(reply)
        said = body.get("messages") or body.get("message") or f"status {reply.status}"
        return self._one_line(" ".join(map(str, said)) if isinstance(said, list) else str(said))

    def _judge_rest(self, reply: Reply) -> Fault | None:
        said = self.words(reply)
        if (passing := _passing(said, said, reply)) is not None:
            return passing
        if reply.where.method == "POST":
            return None  # what it refuses of a company is for the pusher to read
        return Permanent("refused", f"{reply.where} answered 400: {said}", status=reply.status)

    def _judge_graphql(self, reply: Reply) -> Fault | None:
        errors = _decoded(reply).get("errors")
        if not errors or not isinstance(errors, list) or not isinstance(errors[0], Mapping):
            return None
        said = self._one_line(str(errors[0].get("message", "")))
        extensions = errors[0].get("extensions")
        known = extensions if isinstance(extensions, Mapping) else {}
        more = f"{said} {known.get('response', '')}"
        if (passing := _passing(said, more, reply)) is not None:
            return passing
        return _graphql_fault(reply, said, known.get("code"))

    def _one_line(self, text: str) -> str:
        return cut_message(" ".join(text.split()), self.secrets)


def _graphql_fault(reply: Reply, said: str, code: object) -> Fault:
    text = f"{reply.where} answered: {said}"
    match code:
        case "UNAUTHENTICATED":
            message = f"{text}; check the token"
            return BadCredentials("unauthorized", message, status=HTTPStatus.UNAUTHORIZED)
        case "FORBIDDEN":
            message = f"{text}; the API key's role may not do this"
            return BadCredentials("forbidden", message, status=HTTPStatus.FORBIDDEN)
        case "INTERNAL_SERVER_ERROR":
            return reply.where.doubt("server_error", text, status=reply.status)
    if _NOBODY.search(said):
        message = f"{text}; the token opens no workspace: make a new API key"
        return BadCredentials("no_workspace", message, status=HTTPStatus.UNAUTHORIZED)
    return Permanent("refused", text, status=reply.status)


def _passing(said: str, everything: str, reply: Reply) -> Fault | None:
    """Refusals that have nothing to do with the request: nothing was done."""
    text = f"{reply.where}: {said}"
    if _TOO_MANY.search(everything):
        return RateLimited("rate_limited", text, status=reply.status)
    if _COLD.search(everything):
        return NotProcessed("warming_up", text, status=reply.status)
    return None


def _decoded(reply: Reply) -> Mapping[str, Any]:
    try:
        body = orjson.loads(reply.body)
    except orjson.JSONDecodeError:
        return {}
    return body if isinstance(body, Mapping) else {}
