"""Attio's HTTP API, as far as a connector needs it."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from connectors.attio.attributes import Attributes, OwnAttribute, Values
from connectors.attio.options import AttioOptions
from connectors.sdk.faults import BadCredentials, Fault, NotProcessed, Permanent
from connectors.sdk.http import HttpLimits, HttpSession, Reply, RetryPolicy
from connectors.sdk.protocol import ConnectorContext
from connectors.sdk.rates import RateLimiter, RateModel
from connectors.sdk.replies import cut_message, vendor_message

READS_PER_SECOND, WRITES_PER_SECOND = 100.0, 25.0
_COMPANIES = "/v2/objects/companies"
_ATTRIBUTES = f"{_COMPANIES}/attributes"


class AttioApi:
    """One workspace."""

    def __init__(self, options: AttioOptions, context: ConnectorContext) -> None:
        self._context = context
        self._writes = self._limiter("writes", WRITES_PER_SECOND, options)
        self._http = HttpSession(
            base_url=options.base_url.rstrip("/"),
            context=context,
            headers=self._login,
            timeout=options.timeout,
            limiter=self._limiter("reads", READS_PER_SECOND, options),
            classify=self._classify,
            # "We have not processed the request": Attio's guide on rate limits.
            limits=HttpLimits(retries=RetryPolicy(repeat_429=True)),
        )

    def _limiter(self, what: str, limit: float, options: AttioOptions) -> RateLimiter:
        model = RateModel(
            limit=limit, per_seconds=1, ceiling_per_second=options.requests_per_second
        )
        context = self._context
        vendor = context.name if what == "reads" else f"{context.name} {what}"
        return RateLimiter(model, vendor=vendor, clock=context.clock, gate=context.rates)

    def fetch_self(self) -> Mapping[str, Any]:
        """Whose token this is; a bad one is 200 with ``active`` false."""
        found = self._read("GET", "/v2/self").json()
        return found if isinstance(found, dict) else {}

    def fetch_attributes(self) -> Attributes:
        """The attributes of companies that are not archived, by slug."""
        found = self._data(self._read("GET", _ATTRIBUTES))
        return {str(one["api_slug"]): one for one in found if not one.get("is_archived")}

    def query(self, body: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        """The companies that a query gives."""
        return self._data(self._read("POST", f"{_COMPANIES}/records/query", json=dict(body)))

    def create(self, values: Values) -> Reply:
        """Try to create a company: 200 with it, or 400 with a code."""
        return self._http.send(
            "POST",
            f"{_COMPANIES}/records",
            idempotent=False,
            json={"data": {"values": dict(values)}},
            expect=(HTTPStatus.BAD_REQUEST,),
            also=self._writes,
        )

    def create_attribute(self, attribute: OwnAttribute) -> bool:
        """Create an attribute; False where it was there already, so that twice is harmless."""
        reply = self._http.send(
            "POST",
            _ATTRIBUTES,
            idempotent=True,
            json={"data": attribute.definition()},
            expect=(HTTPStatus.CONFLICT,),
            also=self._writes,
        )
        return reply.status != HTTPStatus.CONFLICT

    def close(self) -> None:
        """Give back connections."""
        self._http.close()

    def refusal(self, reply: Reply) -> tuple[str, str]:
        """The code and the words of a refusal."""
        try:
            body = reply.json()
        except Fault:
            return "", ""
        code = str(body.get("code", "")) if isinstance(body, dict) else ""
        return code, cut_message(vendor_message(reply), self._context.secrets.values())

    def _read(self, method: str, path: str, *, json: Any = None) -> Reply:
        return self._http.send(method, path, idempotent=True, json=json)

    def _data(self, reply: Reply) -> list[Mapping[str, Any]]:
        body = reply.json()
        data = body.get("data") if isinstance(body, dict) else None
        if not isinstance(data, list) or not all(isinstance(one, dict) for one in data):
            message = f"{reply.where} answered without a list of data: is this Attio?"
            raise Permanent("not_a_list", message, status=reply.status)
        return data

    def _login(self) -> Mapping[str, str]:
        return {"authorization": f"Bearer {self._context.secrets.get('token', '')}"}

    def _classify(self, reply: Reply) -> Fault | None:
        if reply.status == HTTPStatus.NOT_FOUND and self.refusal(reply)[0] == "merge_in_progress":
            message = f"{reply.where}: a merge is under way in Attio; not done yet"
            return NotProcessed("merge_in_progress", message, status=reply.status)
        if reply.status == HTTPStatus.FORBIDDEN and not reply.is_html:
            words = self.refusal(reply)[1]
            message = f"{reply.where} answered 403: {words}; check the token's scopes"
            return BadCredentials("forbidden", message, status=reply.status)
        return None
