"""Creating one organization in Pipedrive, which has no constraint against doing it twice."""

from dataclasses import dataclass, replace
from http import HTTPStatus

from connectors.pipedrive.api import PipedriveApi
from connectors.pipedrive.fields import Field, Fields
from connectors.pipedrive.finding import Finder
from connectors.pipedrive.organizations import Row, stored_key, value_of
from connectors.pipedrive.values import Body, Keeping, cut_name, first_body, without_refused
from connectors.sdk.faults import Fault, NeedsPerson
from connectors.sdk.http import Reply
from connectors.sdk.mapping import FieldMapping
from connectors.sdk.outcomes import Outcome
from connectors.sdk.records import CompanyRef, PushItem
from connectors.sdk.websites import ascii_host

_MOST_ATTEMPTS = 30
"""Each attempt but the last leaves out at least one field."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pusher:
    """Looks up, creates, and looks whether somebody else was as fast."""

    api: PipedriveApi
    finder: Finder
    mapping: FieldMapping
    fields: Fields
    key: Field
    website: Field | None

    def push(self, item: PushItem) -> Outcome:
        """Create the company unless it is there.

        Raises:
            Ambiguous: whether it was created is in doubt.
            Fault: looking up failed, or Pipedrive refuses every request: nothing was created.
        """
        found = self.finder.find([item.company])[0]
        if found:
            return Outcome.existed(found[0].record_id, reason=f"held as {found[0].name!r}")
        keeping = self._keeping(item.company)
        body = self._first_body(item, keeping)
        for _ in range(_MOST_ATTEMPTS):
            step = self._try(item.company, body, keeping)
            if isinstance(step, Outcome):
                return step
            body = step
        return Outcome.rejected("Pipedrive refused one value after another")

    def _keeping(self, company: CompanyRef) -> Keeping:
        return Keeping(
            key_code=self.key.code,
            website_code=None if self.website is None else self.website.code,
            instead=None if company.domain is None else f"https://{ascii_host(company.domain)}",
        )

    def _first_body(self, item: PushItem, keeping: Keeping) -> Body:
        company, rendered = item.company, self.mapping.render(item)
        if not cut_name(str(rendered.get("name", ""))):
            rendered["name"] = company.name.strip() or company.domain or company.key
        if keeping.instead is not None and "website" in self.mapping.templates:
            rendered.setdefault("website", keeping.instead)
        body = first_body(rendered, self.fields, keeping)
        return replace(body, values={**body.values, self.key.code: stored_key(company.key)})

    def _try(self, company: CompanyRef, body: Body, keeping: Keeping) -> Outcome | Body:
        reply = self.api.create(body.payload(self.fields))
        if reply.status in (HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY):
            return self._after_refusal(reply, body, keeping)
        return self._created(company, body, self.api.created_row(reply))

    def _after_refusal(self, reply: Reply, body: Body, keeping: Keeping) -> Outcome | Body:
        message = self.api.told(reply)
        smaller = without_refused(body, message, self.fields, keeping)
        if smaller is None:
            return Outcome.rejected(f"Pipedrive refuses it: {message or 'it does not say why'}")
        if self.key.code not in smaller.values:
            text = f'Pipedrive refuses what stands in "{self.key.name}", our key: {message}'
            raise NeedsPerson("key_refused", text, status=reply.status)
        return smaller

    def _created(self, company: CompanyRef, body: Body, row: Row) -> Outcome:
        record_id = str(row["id"])
        warnings = [*body.warnings, *self._twins(company, record_id)]
        if not value_of(row, self.key):
            warnings.append(f'Pipedrive did not store "{self.key.name}": is the field still there?')
        return Outcome.created(record_id, warnings=tuple(warnings))

    def _twins(self, company: CompanyRef, record_id: str) -> list[str]:
        """Whether somebody created the company in the same moment: nothing can prevent it."""
        try:
            others = self.finder.find_others(company, record_id)
        except Fault:
            return []  # it only serves to tell; the next full listing sees the same
        if not others:
            return []
        ids = ", ".join(one.record_id for one in others)
        return [f"Pipedrive holds the company more than once, also as {ids}: merge them there"]
