"""HubSpot's endpoints, one method each; knows paths and bodies, decides nothing."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from connectors.hubspot.faults import classify
from connectors.hubspot.options import HubSpotOptions
from connectors.hubspot.payloads import MERGED, READ_PROPERTIES, Json
from connectors.hubspot.refusals import read_refusal
from connectors.sdk.chunks import chunks
from connectors.sdk.faults import NeedsPerson, NotProcessed
from connectors.sdk.http import HttpLimits, HttpSession, Reply, RetryPolicy
from connectors.sdk.protocol import ConnectorContext
from connectors.sdk.rates import RateHeaders, RateLimiter, RateModel
from connectors.sdk.replies import cut_message

PAGE = 100
_HEADERS = RateHeaders(
    limit="x-hubspot-ratelimit-max",
    remaining="x-hubspot-ratelimit-remaining",
    window_ms="x-hubspot-ratelimit-interval-milliseconds",
)
_SEARCHES_PER_SECOND = 4
"""HubSpot allows 5 to one account; the fifth is left to others. No header tells."""


class HubSpotClient:
    """Requests to one account."""

    def __init__(self, options: HubSpotOptions, context: ConnectorContext) -> None:
        self.key_property = options.key_property
        self.properties = (*READ_PROPERTIES, options.key_property)
        self.vendor_now: datetime | None = None
        """HubSpot's own time at its last reply, from the ``Date`` header."""
        self.ahead = timedelta(0)
        """How far our clock was before HubSpot's at that moment; below zero: behind it."""
        self._context = context
        self._timezone = options.timezone
        self._objects = f"/crm/objects/{options.api_version}/companies"
        self._schema = f"/crm/properties/{options.api_version}/companies"
        token = context.secrets.get("token", "")
        ceiling = options.requests_per_second
        self._searches = self._limiter(
            f"{context.name}:search", RateModel(limit=_SEARCHES_PER_SECOND, per_seconds=1)
        )
        self._session = HttpSession(
            base_url=options.base_url,
            context=context,
            headers={"authorization": f"Bearer {token}"},
            timeout=options.timeout,
            limiter=self._limiter(
                context.name,
                RateModel(limit=100, per_seconds=10, headers=_HEADERS, ceiling_per_second=ceiling),
            ),
            classify=self._classify,
            on_reply=self._note_time,
            limits=HttpLimits(retries=RetryPolicy(repeat_429=True)),
        )

    def close(self) -> None:
        """Give back the connections."""
        self._session.close()

    # Companies.

    def list_page(self, after: str | None, *, archived: bool) -> Json:
        """One page of all companies by id, live or archived ones."""
        names = (MERGED,) if archived else self.properties
        return self._get(
            self._objects,
            {
                "limit": PAGE,
                "after": after,
                "archived": "true" if archived else "false",
                "properties": ",".join(names),
            },
        )

    def search(self, body: Json) -> Json:
        """One page of a search; what was written in the last seconds may be missing."""
        reply = self._session.send(
            "POST", f"{self._objects}/search", json=body, idempotent=True, also=self._searches
        )
        return _object(reply)

    def read_by_id(self, record_ids: Sequence[str]) -> list[Json]:
        """The live companies with these ids; at once, without the index."""
        return self._batch_read(record_ids, {}, archived=False)

    def read_by_key(self, keys: Sequence[str], *, archived: bool = False) -> dict[str, Json]:
        """The companies that hold these keys, by key in lower case; at once, without the index.

        Raises:
            NeedsPerson: the account has no unique property for the key.
        """
        found = self._batch_read(keys, {"idProperty": self.key_property}, archived=archived)
        with self.understanding():
            return {
                key.casefold(): raw
                for raw in found
                if (key := raw["properties"].get(self.key_property))
            }

    def upsert(self, inputs: Sequence[Json]) -> Reply:
        """Create or update by key; 400 and 409, which refuse the whole batch, come back too."""
        return self._session.send(
            "POST",
            f"{self._objects}/batch/upsert",
            json={"inputs": list(inputs)},
            idempotent=False,
            expect={400, 409},
        )

    def merge(self, survivor_id: str, lost_id: str) -> None:
        """Merge one company into another."""
        body = {"primaryObjectId": survivor_id, "objectIdToMerge": lost_id}
        self._session.send("POST", f"{self._objects}/merge", json=body, idempotent=False)

    # The schema.

    def fetch_properties(self) -> dict[str, Json]:
        """The definitions of all company properties, by name."""
        with self.understanding():
            return {each["name"]: each for each in self._get(self._schema, {})["results"]}

    def create_group(self, body: Json) -> None:
        """Create a group of properties; one that exists is fine."""
        # Twice does no more than once: the name is unique, and 409 says so.
        self._session.send(
            "POST", f"{self._schema}/groups", json=body, idempotent=True, expect={409}
        )

    def create_property(self, body: Json) -> Reply:
        """Create a property; 409 (it exists) and 400 (refused) come back too."""
        return self._session.send(
            "POST", self._schema, json=body, idempotent=True, expect={400, 409}
        )

    @contextmanager
    def understanding(self) -> Iterator[None]:
        """Around what is read out of replies to requests that only read.

        Raises:
            NotProcessed: the reply is JSON, but not of HubSpot's shape.
        """
        try:
            yield
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            text = (
                f"{self._context.name}: the reply has not the shape of HubSpot's "
                f"({type(error).__name__}); something else may answer at base_url"
            )
            raise NotProcessed("unexpected_shape", text) from error

    # Within.

    def _limiter(self, vendor: str, model: RateModel) -> RateLimiter:
        return RateLimiter(
            model, vendor=vendor, clock=self._context.clock, gate=self._context.rates
        )

    def _classify(self, reply: Reply) -> Any:
        return classify(reply, now=self._context.clock.now(), timezone=self._timezone)

    def _note_time(self, reply: Reply) -> None:
        if "date" in reply.headers:
            try:
                moment = parsedate_to_datetime(reply.headers["date"])
            except ValueError:
                return
            self.vendor_now = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
            self.ahead = self._context.clock.now() - self.vendor_now

    def _get(self, path: str, params: Mapping[str, str | int | None]) -> Json:
        return _object(self._session.send("GET", path, params=params, idempotent=True))

    def _batch_read(self, ids: Sequence[str], extra: Json, *, archived: bool) -> list[Json]:
        found: list[Json] = []
        for chunk in chunks(ids, PAGE):
            body = {
                "inputs": [{"id": each} for each in chunk],
                "properties": list(self.properties),
                "propertiesWithHistory": [],
                **extra,
            }
            found += self._batch_read_page(body, archived=archived)
        return found

    def _batch_read_page(self, body: Json, *, archived: bool) -> list[Json]:
        reply = self._session.send(
            "POST",
            f"{self._objects}/batch/read",
            params={"archived": "true" if archived else "false"},
            json=body,
            idempotent=True,
            expect={400},
        )
        parsed = _object(reply)
        if reply.status == 400:  # noqa: PLR2004 - an HTTP status
            raise self._refused_read(parsed, keyed="idProperty" in body)
        with self.understanding():
            self._check_complete(parsed)
            results: list[Json] = parsed["results"]
            return results

    def _refused_read(self, parsed: Json, *, keyed: bool) -> NeedsPerson:
        said = cut_message(read_refusal(parsed).message, self._context.secrets.values())
        if not keyed:
            return NeedsPerson("refused_read", f"{self._context.name}: {said}", status=400)
        text = (
            f'{self._context.name}: HubSpot cannot find companies by "{self.key_property}" '
            f"({said}); `prospectd check --online` says what to do about that property"
        )
        return NeedsPerson("no_key_property", text, status=400)

    def _check_complete(self, parsed: Json) -> None:
        """A 207 may say of an id that it could not be read, which is not that it is absent."""
        for each in parsed.get("errors", []):
            if "NOT_FOUND" not in str(each.get("category")):
                said = cut_message(read_refusal(each).message, self._context.secrets.values())
                text = f"{self._context.name}: HubSpot could not read some companies: {said}"
                raise NotProcessed("read_incomplete", text, status=207)


def _object(reply: Reply) -> Json:
    parsed = reply.json()
    if not isinstance(parsed, dict):
        text = f"{reply.where} answered JSON of an unexpected shape"
        raise reply.where.doubt("unexpected_shape", text, status=reply.status)
    return parsed
