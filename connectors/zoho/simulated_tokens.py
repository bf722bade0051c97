"""The token endpoint of a simulated Zoho: an hour for each token, ten tokens in ten minutes."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any
from urllib.parse import parse_qs

import httpx

from connectors.sdk.clock import Clock
from connectors.zoho.scopes import NEEDED, ONCE

_REFRESHES, _WINDOW = 10, timedelta(minutes=10)
_MOST_TOKENS = 15
_HOUR = timedelta(hours=1)
_THROTTLED = {
    "error": "Access Denied",
    "error_description": (
        "You have made too many requests continuously. Please try again after some time."
    ),
    "status": "failure",
}


@dataclass(slots=True, kw_only=True)
class TokenDesk:
    """Gives out access tokens to one self client.

    ``api_domain`` is what it names as the organisation's address. Without ``tells_scopes`` it does
    not say what a token may do.
    """

    client: Mapping[str, str]
    refresh_token: str
    clock: Clock
    random: Random
    api_domain: str
    scopes: set[str] = field(default_factory=lambda: {*NEEDED, ONCE})
    tells_scopes: bool = True
    given: int = 0
    """How many tokens were given out."""
    _tokens: dict[str, datetime] = field(default_factory=dict)
    _recent: deque[datetime] = field(default_factory=deque)

    def refresh(self, request: httpx.Request) -> httpx.Response:
        """Answer a request for an access token; refusals are 200 with ``error``."""
        form = {name: values[0] for name, values in parse_qs(request.content.decode()).items()}
        now = self.clock.now()
        while self._recent and self._recent[0] <= now - _WINDOW:
            self._recent.popleft()
        if len(self._recent) >= _REFRESHES:
            return httpx.Response(400, json=_THROTTLED)
        error = self._error(form)
        return httpx.Response(200, json={"error": error} if error else self._give(now))

    def _error(self, form: Mapping[str, str]) -> str:
        if form.get("client_id") != self.client["client_id"]:
            return "invalid_client"
        if form.get("client_secret") != self.client["client_secret"]:
            return "invalid_client_secret"
        right = form.get("grant_type") == "refresh_token" and self.refresh_token
        return "" if right and form.get("refresh_token") == self.refresh_token else "invalid_code"

    def _give(self, now: datetime) -> dict[str, Any]:
        self._recent.append(now)
        self.given += 1
        token = f"1000.{self.random.getrandbits(128):032x}"
        self._tokens[token] = now + _HOUR
        while len(self._tokens) > _MOST_TOKENS:
            del self._tokens[next(iter(self._tokens))]
        told = {"scope": " ".join(sorted(self.scopes))} if self.tells_scopes else {}
        return {
            "access_token": token,
            "api_domain": self.api_domain,
            "token_type": "Bearer",
            "expires_in": int(_HOUR.total_seconds()),
            **told,
        }

    def accepts(self, token: str) -> bool:
        """Whether an access token is good now."""
        now = self.clock.now()
        return self._tokens.get(token, now) > now

    def revoke_access(self) -> None:
        """No access token works any longer; new ones can be got."""
        self._tokens.clear()
