"""Salesforce's endpoints, one method each; knows paths and bodies, decides nothing."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

from connectors.salesforce.accounts import Json
from connectors.salesforce.faults import QUOTA_PAUSE, body_of, classify, read_usage
from connectors.salesforce.options import SalesforceOptions
from connectors.salesforce.refusals import GONE, read_refusals
from connectors.salesforce.soql import chunks
from connectors.salesforce.tokens import Tokens
from connectors.sdk.faults import Fault, NotProcessed, QuotaExhausted
from connectors.sdk.http import HttpLimits, HttpSession, Reply
from connectors.sdk.pagination import Page, follow
from connectors.sdk.protocol import ConnectorContext
from connectors.sdk.rates import RateLimiter, RateModel
from connectors.sdk.replies import cut_message

PAGE = 2_000
"""The most rows that one reply has (Salesforce's SOQL limits)."""
_PER_SECOND = 20
"""Salesforce has no limit by the second; this keeps below its 25 long requests at once."""
_LARGEST_REPLY = 100 * 1024 * 1024
"""A page of 2,000 accounts whose descriptions are full has 64 MB."""
_REFUSED = frozenset({400, 403, 404})


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """One reply to a query. ``done`` is false where Salesforce cut it; ``following`` has more."""

    records: tuple[Json, ...]
    done: bool
    following: str | None


class SalesforceApi:
    """Requests to one organisation."""

    def __init__(self, options: SalesforceOptions, context: ConnectorContext) -> None:
        self.tokens = Tokens(options, context)
        self.usage: tuple[int, int] | None = None
        """Requests used of those allowed in 24 hours, as Salesforce told last."""
        self.vendor_now: datetime | None = None
        """Salesforce's own time at its last reply."""
        self.fields_changed = False
        """Salesforce did not know a field that we named: what ``describe`` gave is out of date."""
        self._context = context
        self._reserve = options.reserve
        self._root = f"/services/data/v{options.api_version}"
        rule = "allowSave=true" if options.duplicate_rules == "bypass" else "allowSave=false"
        self._duplicates = {"sforce-duplicate-rule-header": f"{rule}; includeRecordDetails=true"}
        ceiling = options.requests_per_second
        model = RateModel(limit=_PER_SECOND, per_seconds=1, ceiling_per_second=ceiling)
        self._limiter = RateLimiter(
            model, vendor=context.name, clock=context.clock, gate=context.rates
        )
        self._session = HttpSession(
            base_url=options.base_url,
            context=context,
            headers=self.tokens.headers,
            timeout=options.timeout,
            limiter=self._limiter,
            classify=self._classify,
            on_reply=self._note,
            renew=self.tokens.renew,
            limits=HttpLimits(body_bytes=_LARGEST_REPLY),
        )

    def close(self) -> None:
        """Give back the connections."""
        self._session.close()
        self.tokens.close()

    def shown(self, words: str) -> str:
        """Salesforce's words, fit for a person: short, and without secrets."""
        return cut_message(words, self.tokens.secrets)

    # Reading.

    def query(self, soql: str, *, with_deleted: bool = False) -> Rows:
        """The first rows of a query, with those in the recycle bin where asked for."""
        path = "queryAll" if with_deleted else "query"
        return self._rows(f"{self._root}/{path}", {"q": soql})

    def query_whole(self, soql: str, *, with_deleted: bool = False) -> list[Json]:
        """All rows of a query, following ``nextRecordsUrl``."""

        def fetch(following: str | None) -> Page[Json, str]:
            if following is None:
                rows = self.query(soql, with_deleted=with_deleted)
            else:
                rows = self._rows(following, None)
            return Page(items=rows.records, next_cursor=rows.following)

        with self.understanding():
            pages = list(follow(fetch, None, identify=lambda row: str(row["Id"])))
        return [row for page in pages for row in page.items]

    def query_each(
        self,
        select: str,
        values: Iterable[str],
        condition: Callable[[Sequence[str]], str],
        *,
        with_deleted: bool = False,
    ) -> list[Json]:
        """All rows of ``select`` for these values, in as few queries as their length allows."""
        found: list[Json] = []
        for group in chunks(values, lambda value: condition([value])):
            soql = f"{select} WHERE {condition(group)}"
            found += self.query_whole(soql, with_deleted=with_deleted)
        return found

    def describe(self) -> Json:
        """The definition of Account, with its fields as far as the user may see them."""
        path = f"{self._root}/sobjects/Account/describe"
        return _object(self._session.send("GET", path, idempotent=True))

    # Writing.

    def insert(self, records: Sequence[Mapping[str, Any]]) -> Reply:
        """Create accounts, each by itself; 400, which refuses the whole request, comes back too."""
        body = {
            "allOrNone": False,
            "records": [{"attributes": {"type": "Account"}, **each} for each in records],
        }
        return self._session.send(
            "POST",
            f"{self._root}/composite/sobjects",
            json=body,
            headers=self._duplicates,
            idempotent=False,
            expect={400},
        )

    def create_setup(self, path: str, body: Mapping[str, Any]) -> Reply:
        """Create something of the set-up whose name is unique; refusals come back too."""
        # Twice does no more than once: the second is refused as a duplicate.
        return self._session.send(
            "POST", f"{self._root}/{path}", json=body, idempotent=True, expect=_REFUSED
        )

    @contextmanager
    def understanding(self) -> Iterator[None]:
        """Around what is read out of replies to requests that only read.

        Raises:
            NotProcessed: the reply is JSON, but not of Salesforce's shape.
        """
        try:
            yield
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            text = (
                f"{self._context.name}: the reply has not the shape of Salesforce's "
                f"({type(error).__name__}); something else may answer at base_url"
            )
            raise NotProcessed("unexpected_shape", text) from error

    # Within.

    def _rows(self, path: str, params: Mapping[str, str] | None) -> Rows:
        body = _object(self._session.send("GET", path, params=params, idempotent=True))
        with self.understanding():
            done, following = body["done"], body.get("nextRecordsUrl")
            if not isinstance(done, bool) or not (done or isinstance(following, str)):
                raise TypeError("done")
            records = tuple([dict(record) for record in body["records"]])
            return Rows(records=records, done=done, following=None if done else following)

    def _classify(self, reply: Reply) -> Fault | None:
        return classify(reply, now=self._context.clock.now(), secrets=self.tokens.secrets)

    def _note(self, reply: Reply) -> None:
        if reply.status == HTTPStatus.BAD_REQUEST:
            codes = {refusal.code for refusal in read_refusals(body_of(reply))}
            self.fields_changed = self.fields_changed or GONE in codes
        self._note_time(reply.headers.get("date"))
        usage = read_usage(reply.headers.get("sforce-limit-info"))
        if usage is None:
            return
        self.usage = used, allowed = usage
        if used >= allowed * (1 - self._reserve) > 0:
            self._pause_for_others(used, allowed)

    def _pause_for_others(self, used: int, allowed: int) -> None:
        """Stop before the organisation's other programs are locked out."""
        until = self._context.clock.now() + QUOTA_PAUSE
        text = (
            f"{self._context.name}: {used} of the organisation's {allowed} requests of 24 hours "
            f"are used; the rest is left to others (reserve = {self._reserve})"
        )
        self._limiter.block(until, because=QuotaExhausted("reserve", text, until=until))

    def _note_time(self, date: str | None) -> None:
        try:
            moment = None if date is None else parsedate_to_datetime(date)
        except ValueError:
            return
        if moment is not None:
            self.vendor_now = moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _object(reply: Reply) -> Json:
    parsed = reply.json()
    if not isinstance(parsed, dict):
        text = f"{reply.where} answered JSON of an unexpected shape"
        raise reply.where.doubt("unexpected_shape", text, status=reply.status)
    return parsed
