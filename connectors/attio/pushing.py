"""Creating one company in Attio, whose unique attributes stop a second one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any

from connectors.attio.api import AttioApi
from connectors.attio.attributes import Attributes, Body, as_body, refused_attributes
from connectors.attio.companies import best
from connectors.sdk.http import Reply
from connectors.sdk.mapping import FieldMapping
from connectors.sdk.outcomes import Outcome
from connectors.sdk.records import CompanyRef, CrmRecord, PushItem
from connectors.sdk.websites import ascii_host

_MOST_ATTEMPTS = 30
_CONFLICT = "uniqueness_conflict"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pusher:
    """Looks up, creates, and reads the refusals.

    ``attributes`` are the workspace's definitions; ``find`` gives the live records of a company.
    """

    api: AttioApi
    mapping: FieldMapping
    key_attribute: str
    attributes: Attributes
    find: Callable[[CompanyRef], Sequence[CrmRecord]]

    def push(self, item: PushItem) -> Outcome:
        """Create the company unless it is there.

        Raises:
            Ambiguous: whether it was created is in doubt.
            Fault: looking up failed, or Attio refuses every request: nothing was created.
        """
        company = item.company
        if company.domain is None and self.key_attribute not in self.attributes:
            return Outcome.not_sent(
                f"the workspace has no attribute {self.key_attribute}, and without it nothing "
                "keeps a company without a domain from being created twice"
            )
        found = best(self.find(company), company)
        if found is not None:
            return Outcome.existed(found.record_id, reason=f"held as {found.name!r}")
        body = self._first_body(item)
        for _ in range(_MOST_ATTEMPTS):
            step = self._try(item, body)
            if isinstance(step, Outcome):
                return step
            body = step
        return Outcome.rejected("Attio refused one value after another")

    def _first_body(self, item: PushItem) -> Body:
        company = item.company
        values = self.mapping.render(item)
        values.setdefault("name", company.name or company.domain or company.key)
        body = as_body(values, self.attributes)
        own: dict[str, list[Any]] = {}
        if company.domain is not None:
            own["domains"] = [ascii_host(company.domain)]
        if self.key_attribute in self.attributes:
            own[self.key_attribute] = [company.key]
        return replace(body, values={**body.values, **own})

    def _try(self, item: PushItem, body: Body) -> Outcome | Body:
        reply = self.api.create(body.values)
        if reply.status == HTTPStatus.BAD_REQUEST:
            return self._after_refusal(item.company, body, reply)
        return self._created(reply.json(), body)

    def _created(self, answer: Any, body: Body) -> Outcome:
        try:
            record_id = answer["data"]["id"]["record_id"]
        except (KeyError, TypeError):
            return Outcome.unknown("Attio answered 200 without the id of the new record")
        return Outcome.created(str(record_id), warnings=body.warnings)

    def _after_refusal(self, company: CompanyRef, body: Body, reply: Reply) -> Outcome | Body:
        code, words = self.api.refusal(reply)
        needed = {"domains", "name", self.key_attribute}
        gone = refused_attributes(words, body, self.attributes, needed=needed)
        if code == _CONFLICT:
            return self._after_conflict(company, body, gone, words)
        if not gone:
            return Outcome.rejected(f"Attio refuses it: {words or code}")
        return body.without(gone, f"Attio refuses the value ({words or code})")

    def _after_conflict(
        self, company: CompanyRef, body: Body, gone: list[str], words: str
    ) -> Outcome | Body:
        found = best(self.find(company), company)
        if found is not None:
            return Outcome.existed(found.record_id, reason="Attio's unique attribute says so")
        unique = [slug for slug in gone if _is_unique(self.attributes.get(slug, {}))]
        if unique:  # somebody made another attribute unique, and another company has our value
            return body.without(unique, f"another record has the value ({words})")
        return Outcome.existed(None, reason=f"Attio holds it where the token cannot see: {words}")


def _is_unique(definition: Mapping[str, Any]) -> bool:
    return bool(definition.get("is_unique"))
