"""What a simulated Zoho reads out of requests, and how it turns them away."""

import json
from datetime import datetime
from typing import Any

import httpx

MOST_PER_PAGE = 200


class Refused(Exception):
    """A request that is turned away as a whole."""

    def __init__(self, status: int, code: str, message: str, **details: Any) -> None:
        super().__init__(message)
        self.status = status
        self.body = {"code": code, "details": details, "message": message, "status": "error"}


def per_page(request: httpx.Request) -> int:
    """How many rows a page is to have."""
    size = int(request.url.params.get("per_page", MOST_PER_PAGE))
    if not 1 <= size <= MOST_PER_PAGE:
        raise Refused(400, "INVALID_DATA", "invalid data", param_name="per_page")
    return size


def asked_since(request: httpx.Request) -> datetime | None:
    """The moment of ``If-Modified-Since``."""
    text = request.headers.get("if-modified-since")
    try:
        return None if text is None else datetime.fromisoformat(text)
    except ValueError:
        raise Refused(400, "INVALID_DATA", "invalid data", param_name="If-Modified-Since") from None


def json_body(request: httpx.Request) -> dict[str, Any]:
    """The body, which must be a JSON object."""
    try:
        body = json.loads(request.content or b"{}")
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise Refused(400, "INVALID_DATA", "body", expected_data_type="jsonobject")
    return body
