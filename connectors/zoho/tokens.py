"""Access tokens: an hour each, got with the refresh token, ten in ten minutes at most."""

import threading
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode, urlsplit

from connectors.sdk.faults import BadCredentials, Fault, NeedsPerson, RateLimited
from connectors.sdk.http import HttpLimits, HttpSession, Reply, RetryPolicy
from connectors.sdk.protocol import ConnectorContext
from connectors.zoho.faults import error_body
from connectors.zoho.options import ZohoOptions

_PATH = "/oauth/v2/token"
_FORM = {"content-type": "application/x-www-form-urlencoded"}
_MARGIN = timedelta(minutes=5)
"""So long before its end a token is renewed."""
_THROTTLED = timedelta(minutes=10)
"""Zoho's page on token validity: ten access tokens from a refresh token in ten minutes."""
_BLAME = {
    "invalid_code": "the refresh token is wrong or was revoked; make a new one in the API console",
    "invalid_client": "client_id is unknown in this data centre; check client_id and data_centre",
    "invalid_client_secret": "client_secret is wrong; copy it anew from the API console",
}


class Tokens:
    """The access token of one connector. Safe to share among threads."""

    def __init__(self, options: ZohoOptions, context: ConnectorContext) -> None:
        self._context = context
        self._client_id = options.client_id
        self._api_host = None if options.base_url else urlsplit(options.api_address()).hostname
        self._lock = threading.Lock()
        self.scopes: frozenset[str] | None = None
        """The scopes of the token, where Zoho tells them."""
        self._token = ""
        self._expires: datetime | None = None
        self._http = HttpSession(
            base_url=options.accounts_address(),
            context=context,
            timeout=options.timeout,
            classify=self._classify,
            limits=HttpLimits(connections=1, retries=RetryPolicy(attempts=3)),
        )

    def headers(self) -> Mapping[str, str]:
        """The header of a request; asks nobody."""
        return {"authorization": f"Zoho-oauthtoken {self._token}"} if self._token else {}

    def ensure(self) -> None:
        """See that there is a token with some minutes left.

        Raises:
            Fault: Zoho gives none.
        """
        with self._lock:
            if self._expires is None or self._context.clock.now() >= self._expires - _MARGIN:
                self._fetch()

    def renew(self) -> bool:
        """Get another token, since Zoho does not take this one any more.

        Raises:
            Fault: Zoho gives none.
        """
        with self._lock:
            self._fetch()
        return True

    def secrets(self) -> tuple[str, ...]:
        """Everything that must not be shown."""
        return (*self._context.secrets.values(), *((self._token,) if self._token else ()))

    def close(self) -> None:
        """Give back the connection."""
        self._http.close()

    def _fetch(self) -> None:
        form = {
            "grant_type": "refresh_token",
            "client_id": self._client_id,
            "client_secret": self._context.secrets.get("client_secret", ""),
            "refresh_token": self._context.secrets.get("refresh_token", ""),
        }
        reply = self._http.send(
            "POST", _PATH, idempotent=True, content=urlencode(form).encode(), headers=_FORM
        )
        body = reply.json()
        token = body.get("access_token") if isinstance(body, dict) else None
        if not isinstance(token, str) or not token:
            text = f"{reply.where} answered without a token; is accounts_url right?"
            raise BadCredentials("no_token", text, status=reply.status)
        self._check_domain(body)
        self.scopes = _scopes(body)
        self._token = token
        self._expires = self._context.clock.now() + timedelta(seconds=_lifetime(body))

    def _check_domain(self, body: Mapping[str, Any]) -> None:
        """A token of another data centre must not go to this one."""
        host = urlsplit(str(body.get("api_domain") or "")).hostname
        if host and self._api_host and host != self._api_host:
            text = (
                f"{self._context.name}: the organisation is at {host}, not at {self._api_host}; "
                "set data_centre accordingly"
            )
            raise NeedsPerson("data_centre", text)

    def _classify(self, reply: Reply) -> Fault | None:
        """Refusals are 200 or 400 with ``error``; too many refreshes are "Access Denied"."""
        body = error_body(reply)
        error = body.get("error")
        if not isinstance(error, str):
            return None
        said = f"{error} {body.get('error_description', '')}".lower()
        if "too many requests" in said or "access denied" in said:
            until = self._context.clock.now() + _THROTTLED
            text = f"{reply.where}: too many access tokens were asked for in ten minutes"
            return RateLimited("token_limit", text, until=until, status=reply.status)
        if error in _BLAME:
            text = f"{reply.where}: Zoho says {error}: {_BLAME[error]}"
            return BadCredentials(error, text, status=reply.status)
        if reply.status < 500:  # noqa: PLR2004 - an HTTP status
            text = f"{reply.where}: Zoho gives no access token; check the self client"
            return BadCredentials("token_refused", text, status=reply.status)
        return None


def _lifetime(body: Mapping[str, Any]) -> float:
    """Seconds; an hour where the reply does not say."""
    seconds = body.get("expires_in")
    return float(seconds) if isinstance(seconds, int | float) and seconds > 0 else 3600.0


def _scopes(body: Mapping[str, Any]) -> frozenset[str] | None:
    told = body.get("scope")
    return frozenset(told.replace(",", " ").split()) if isinstance(told, str) and told else None
