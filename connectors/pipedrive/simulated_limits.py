"""The limits of the simulated Pipedrive: a day's tokens, requests in two seconds, the lock-out."""

from collections import deque
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import httpx

from connectors.sdk.simulator import html_page

COSTS = {"list": 10, "one": 1, "write": 5, "search": 20, "delete": 3}
WINDOW = timedelta(seconds=2)
_SEARCHES = 10
_PATIENCE = 10
"""So many refused requests of a day are answered 429; whoever goes on is shut out."""


@dataclass(slots=True)
class Limits:
    """What is spent and what is left. ``daily`` and ``burst`` may be changed by a test.

    The headers of the daily budget are sent where ``tells_tokens``; they are not documented.
    """

    daily: int = 1_000_000
    burst: int = 20
    tells_tokens: bool = True
    spent: int = 0
    refused: int = 0
    shut_out: bool = False
    _day: date | None = None
    _sent: deque[datetime] = field(default_factory=deque)
    _searched: deque[datetime] = field(default_factory=deque)

    def refusal(self, kind: str, now: datetime) -> httpx.Response | None:
        """Count a request; the reply that refuses it, if it is one too many."""
        self._begin_day(now)
        if self.shut_out:
            return html_page(403)
        if self.spent + COSTS[kind] > self.daily:
            self.refused += 1
            self.shut_out = self.refused > _PATIENCE
            return self._answer(now, "API daily token budget exceeded")
        windows = [(self._sent, self.burst)]
        if kind == "search":
            windows.append((self._searched, _SEARCHES))
        for sent, most in windows:
            while sent and sent[0] <= now - WINDOW:
                sent.popleft()
            if len(sent) >= most:
                return self._answer(now, "Rate limit exceeded")
        for sent, _ in windows:
            sent.append(now)
        self.spent += COSTS[kind]
        return None

    def headers(self, now: datetime) -> dict[str, str]:
        """What every reply tells."""
        left = max(0, self.burst - len(self._sent))
        reset = (self._sent[0] + WINDOW - now).total_seconds() if self._sent else 0
        told = {
            "x-ratelimit-limit": str(self.burst),
            "x-ratelimit-remaining": str(left),
            "x-ratelimit-reset": str(max(1, round(reset))),
        }
        if self.tells_tokens:
            told["x-daily-ratelimit-token-limit"] = str(self.daily)
            told["x-daily-ratelimit-token-remaining"] = str(max(0, self.daily - self.spent))
        return told

    def _begin_day(self, now: datetime) -> None:
        if now.date() != self._day:
            self._day, self.spent, self.refused, self.shut_out = now.date(), 0, 0, False

    def _answer(self, now: datetime, words: str) -> httpx.Response:
        body = {"success": False, "error": words, "code": "ERR_RATE_LIMIT"}
        return httpx.Response(429, headers=self.headers(now), json=body)
