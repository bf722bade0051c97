"""The answers of a simulated EspoCRM that are the same every time, and its refusals."""

import json
from typing import Any

import httpx

from connectors.espocrm.simulated_fields import Attributes, stored_answers

VERSION = "8.4.2"
JSON_TYPE = "application/json"
HTML_TYPE = "text/html; charset=UTF-8"
_PAGE = """<!doctype html><html lang="en">    <head>        <meta charset="utf-8">        \
<meta name="viewport" content="width=device-width, initial-scale=1">        <title>{title}</title>\
        <style>            body{{margin:0;padding:30px;font:12px/1.5 Helvetica,Arial,Verdana,\
sans-serif}}            h1{{margin:0;font-size:48px;font-weight:normal;line-height:48px}}\
            strong{{display:inline-block;width:65px}}        </style>    </head>    <body>        \
<h1>{title}</h1>        <div><p>{text}</p></div>        \
<a href="#" onclick="window.history.go(-1)">Go Back</a>    </body></html>"""
_TEXTS = {
    404: (
        "404 Not Found",
        "The requested resource could not be found. Please verify the URI and try again.",
    ),
    405: (
        "405 Method Not Allowed",
        "The request method is not supported for the requested resource.",
    ),
}


class Refusal(Exception):
    """An answer that is no success: the reason stands in a header, the body is mostly empty."""

    def __init__(
        self,
        status: int,
        reason: str | None = None,
        *,
        body: Any = None,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.body = body
        self.headers = {"content-type": JSON_TYPE, **(headers or {})}

    def response(self) -> httpx.Response:
        """The answer over HTTP."""
        reason = {} if self.reason is None else {"x-status-reason": self.reason}
        content = b"" if self.body is None else json.dumps(self.body).encode()
        return httpx.Response(self.status, headers=self.headers | reason, content=content)


class HtmlRefusal(Refusal):
    """The same from a part of the server that never sets a content type."""

    def __init__(self, status: int, reason: str | None = None) -> None:
        super().__init__(status, reason, headers={"content-type": HTML_TYPE})


def not_valid(field: str, why: str) -> Refusal:
    """A value that the field refuses."""
    text = f"Field validation failure; entityType: Account, field: {field}, type: {why}."
    data = {"field": field, "type": why}
    return Refusal(400, text, body=_translation("validationFailure", None, data))


def field_exists(field: str) -> Refusal:
    """A custom field that is there already."""
    data = {"field": field, "entityType": "Account"}
    text = f"Field '{field}' already exists in 'Account'."
    return Refusal(409, text, body=_translation("fieldAlreadyExists", "FieldManager", data))


def _translation(label: str, scope: str | None, data: Attributes) -> Attributes:
    return {"messageTranslation": {"label": label, "scope": scope, "data": data}}


def error_page(status: int, *, allow: str | None = None) -> httpx.Response:
    """What the router answers to an address or a method that it does not know."""
    title, text = _TEXTS[status]
    headers = {"content-type": "text/html;charset=UTF-8"} | ({"allow": allow} if allow else {})
    return httpx.Response(status, headers=headers, text=_PAGE.format(title=title, text=text))


def settings(now: float, app_timestamp: int) -> Attributes:
    """``GET Settings``."""
    moving = {"cacheTimestamp": int(now), "microtime": now, "appTimestamp": app_timestamp}
    return {**stored_answers()["settings"], **moving}


def about() -> Attributes:
    """``GET App/about``."""
    return {"text": stored_answers()["about"], "version": VERSION}


def app_user(user: Attributes, rights: Attributes) -> Attributes:
    """``GET App/user``: who am I and what may I do."""
    acl = stored_answers()["acl"]
    table = acl["table"] | {"Account": rights}
    return {
        "user": stored_answers()["user"] | user,
        "acl": acl | {"table": table},
        "preferences": {"id": user["id"]},
    }
