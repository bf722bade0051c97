"""A receiver of webhooks, as its author should write one: it checks, remembers, and answers."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import httpx
import orjson
from standardwebhooks import Webhook

from connectors.sdk.clock import Clock, SystemClock

TOLERANCE_SECONDS = 300


@dataclass(slots=True, kw_only=True)
class WebhookReceiver:
    """Keeps companies by ``webhook-id``, and with ``answers`` says what became of each.

    With ``answers`` it also knows a company again by its key. ``gone``: nobody is there any more.
    """

    secret: str
    answers: bool = True
    path: str = "/prospects"
    clock: Clock = field(default_factory=SystemClock)
    companies: dict[str, dict[str, Any]] = field(default_factory=dict)
    refused_names: set[str] = field(default_factory=set)
    gone: bool = False

    def handle(self, request: httpx.Request) -> httpx.Response:
        """Answer one message."""
        if self.gone or request.url.path != self.path or request.method != "POST":
            return httpx.Response(410 if self.gone else 404)
        if not self._is_signed(request):
            return httpx.Response(401, json={"message": "the signature does not fit"})
        own_id = request.headers["webhook-id"]
        data = orjson.loads(request.content)["data"]
        if data["name"] in self.refused_names:
            return self._answer("rejected", None, "a rule refuses this company")
        known = own_id if own_id in self.companies else self._with_key(data["key"])
        if known is not None:
            return self._answer("existed", known)
        self.companies[own_id] = data
        return self._answer("created", own_id)

    def _answer(self, status: str, record_id: str | None, reason: str = "") -> httpx.Response:
        if self.answers:
            answer = {"status": status, "id": record_id, "reason": reason}
            return httpx.Response(200, json=answer)
        return httpx.Response(422 if status == "rejected" else 204)

    def _with_key(self, key: str) -> str | None:
        if not self.answers:
            return None
        return next((own for own, data in self.companies.items() if data["key"] == key), None)

    def _is_signed(self, request: httpx.Request) -> bool:
        headers = request.headers
        stamp = datetime.fromtimestamp(int(headers.get("webhook-timestamp", "0")), tz=UTC)
        if abs((self.clock.now() - stamp).total_seconds()) > TOLERANCE_SECONDS:
            return False
        expected = Webhook(self.secret).sign(
            headers.get("webhook-id", ""), stamp, request.content.decode()
        )
        return expected in headers.get("webhook-signature", "").split(" ")
