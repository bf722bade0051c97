"""Creating one company in EspoCRM, which has no constraint against doing it twice."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any

from connectors.espocrm.accounts import as_record, is_company, oldest, stored_key
from connectors.espocrm.api import EspoApi
from connectors.espocrm.fields import Body, fitted, known_only, without_refused
from connectors.sdk.faults import Fault
from connectors.sdk.http import Reply
from connectors.sdk.mapping import FieldMapping
from connectors.sdk.outcomes import Outcome
from connectors.sdk.records import CompanyRef, CrmRecord, PushItem
from connectors.sdk.websites import ascii_host

_MOST_ATTEMPTS = 30
"""Each attempt but the last leaves out one field, or the duplicate check."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Attempt:
    """What is sent next."""

    body: Body
    skip_check: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Pusher:
    """Looks up, creates, and reads the answers of the duplicate check.

    ``fields`` are the CRM's definitions; ``find`` gives the live records of a company.
    """

    api: EspoApi
    mapping: FieldMapping
    key_field: str
    fields: Mapping[str, Any]
    find: Callable[[CompanyRef], Sequence[CrmRecord]]

    def push(self, item: PushItem) -> Outcome:
        """Create the company unless it is there.

        Raises:
            Ambiguous: whether it was created is in doubt.
            Fault: looking up failed, or the CRM refuses every request: nothing was created.
        """
        found = oldest(self.find(item.company))
        if found is not None:
            return Outcome.existed(found.record_id, reason=f"held as {found.name!r}")
        body = fitted(self._first_body(item), self.fields, instead=_home(item.company))
        if body is None:
            return Outcome.rejected("EspoCRM requires a name, and takes nothing of this one")
        attempt = _Attempt(body=body)
        for _ in range(_MOST_ATTEMPTS):
            step = self._try(item, attempt)
            if isinstance(step, Outcome):
                return step
            attempt = step
        return Outcome.rejected("EspoCRM refused one value after another")

    def _first_body(self, item: PushItem) -> Body:
        values = self.mapping.render(item)
        values.setdefault("name", item.company.name or item.company.domain or item.company.key)
        home = _home(item.company)
        if home is not None and "website" in self.mapping.templates:
            values.setdefault("website", home)
        body = known_only(values, self.fields)
        if self.key_field not in self.fields:
            return body  # the probe reports it once, not every company anew
        key = {self.key_field: stored_key(item.company.key)}
        return replace(body, values={**body.values, **key})

    def _try(self, item: PushItem, attempt: _Attempt) -> Outcome | _Attempt:
        reply = self.api.create(attempt.body.values, skip_check=attempt.skip_check)
        match reply.status:
            case HTTPStatus.CONFLICT:
                return self._after_conflict(item.company, attempt, reply)
            case HTTPStatus.BAD_REQUEST | HTTPStatus.FORBIDDEN:
                return self._after_refusal(item.company, attempt, reply)
        return self._created(item, attempt, reply.json())

    def _created(self, item: PushItem, attempt: _Attempt, account: Any) -> Outcome:
        record_id = account.get("id") if isinstance(account, dict) else None
        if not isinstance(record_id, str):
            return Outcome.unknown("EspoCRM answered 200 without the id of the new record")
        warnings = [*attempt.body.warnings, *self._twins(item.company, record_id)]
        if self.key_field in attempt.body.values and self.key_field not in account:
            warnings.append(f"EspoCRM did not store {self.key_field}: is the field still there?")
        return Outcome.created(record_id, warnings=tuple(warnings))

    def _twins(self, company: CompanyRef, record_id: str) -> list[str]:
        """Whether somebody created the company in the same moment: the check cannot prevent it."""
        try:
            others = [one.record_id for one in self.find(company) if one.record_id != record_id]
        except Fault:
            return []  # it only serves to tell; the next full listing sees the same
        if not others:
            return []
        return [f"EspoCRM holds the company more than once, also as {', '.join(others)}: merge"]

    def _after_conflict(
        self, company: CompanyRef, attempt: _Attempt, reply: Reply
    ) -> Outcome | _Attempt:
        """A record of the same name is there: the company itself, or another one of that name.

        The server lists one match only, so that the company may hide behind a homonym: it is
        looked up again before the check is left out.
        """
        found = oldest([*self._matches(company, reply), *self.find(company)])
        if found is not None:
            reason = f"found by EspoCRM's duplicate check as {found.name!r}"
            return Outcome.existed(found.record_id, reason=reason)
        if attempt.skip_check:
            return Outcome.rejected(f"EspoCRM answered 409: {self.api.reason(reply)}")
        warning = "another company of the same name is there: created with the check left out"
        body = replace(attempt.body, warnings=(*attempt.body.warnings, warning))
        return _Attempt(body=body, skip_check=True)

    def _matches(self, company: CompanyRef, reply: Reply) -> list[CrmRecord]:
        rows = reply.json() if reply.body else []
        records = [
            as_record(row, self.key_field)
            for row in (rows if isinstance(rows, list) else [])
            if isinstance(row, dict) and "id" in row
        ]
        return [record for record in records if is_company(record, company)]

    def _after_refusal(
        self, company: CompanyRef, attempt: _Attempt, reply: Reply
    ) -> Outcome | _Attempt:
        name, why = refused_field(reply)
        body = without_refused(attempt.body, name, why, instead=_home(company))
        if body is None:
            return Outcome.rejected(f"EspoCRM refuses it: {self.api.reason(reply) or why}")
        return replace(attempt, body=body)


def refused_field(reply: Reply) -> tuple[str, str]:
    """Which field a refusal is about, and why; empty where it does not say."""
    if reply.status == HTTPStatus.FORBIDDEN:
        return "assignedUserId", "the user may not assign records to others"
    body = reply.json() if reply.body else None
    translation = body.get("messageTranslation") if isinstance(body, dict) else None
    data = translation.get("data") if isinstance(translation, dict) else None
    if not isinstance(data, dict):
        return "", "it does not say why"
    return str(data.get("field", "")), str(data.get("type", ""))


def _home(company: CompanyRef) -> str | None:
    """A website that EspoCRM takes for certain: it refuses letters beyond ASCII."""
    return None if company.domain is None else f"https://{ascii_host(company.domain)}"
