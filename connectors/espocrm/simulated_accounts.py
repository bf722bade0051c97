"""The list of Accounts of a simulated EspoCRM."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.espocrm.simulated_answers import Refusal, not_valid
from connectors.espocrm.simulated_fields import (
    STORED,
    SYSTEM,
    Attributes,
    as_created,
    as_read,
    as_row,
    contact_data,
    first_failure,
    sanitise,
    standard_fields,
)
from connectors.espocrm.simulated_users import SimulatedUser
from connectors.espocrm.simulated_where import BadFilterError, collate, matches

MOST_PER_PAGE = 200
_EDITABLE = frozenset(STORED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What a list was asked for."""

    where: Sequence[Mapping[str, Any]] = ()
    select: tuple[str, ...] | None = None
    order_by: str = "createdAt"
    descending: bool = True
    offset: int = 0
    most: int = MOST_PER_PAGE
    with_total: bool = True


@dataclass(slots=True, kw_only=True)
class AccountTable:
    """Records by id, deleted ones too. ``now`` gives the text of the present second, in UTC.

    ``unseen`` holds ids that no duplicate check sees yet: records whose transaction is not over.
    ``late`` tells from when on a record shows at all. ``refused_names`` are refused by a rule.
    """

    now: Callable[[], str]
    new_id: Callable[[], str]
    user_names: Mapping[str, str]
    fields: dict[str, Attributes] = field(default_factory=standard_fields)
    records: dict[str, Attributes] = field(default_factory=dict)
    unseen: set[str] = field(default_factory=set)
    late: dict[str, str] = field(default_factory=dict)
    refused_names: set[str] = field(default_factory=set)

    @property
    def custom(self) -> tuple[str, ...]:
        """Names of the custom fields."""
        return tuple(name for name, one in self.fields.items() if one.get("isCustom"))

    @property
    def _attributes(self) -> frozenset[str]:
        return SYSTEM | _EDITABLE | set(self.custom)

    def listed(self, user: SimulatedUser, search: Search) -> Attributes:
        """One page of a list, as JSON."""
        if user.read == "no":
            raise Refusal(403, "No read access.")
        if search.most > MOST_PER_PAGE:
            text = f"Max size should not exceed {MOST_PER_PAGE}. Use offset and limit."
            raise Refusal(403, text)
        if search.order_by not in self._attributes:
            raise Refusal(400, f"Order by non-existing field '{search.order_by}'.")
        found = self._found(user, search)
        page = found[search.offset : search.offset + search.most]
        more = search.offset + len(page) < len(found)
        total = len(found) if search.with_total else -1 if more else -2
        return {"total": total, "list": [self._selected(record, search) for record in page]}

    def _found(self, user: SimulatedUser, search: Search) -> list[Attributes]:
        try:
            matches({}, search.where, self._attributes)
            found = [
                record
                for record in self.visible(user)
                if matches(record, search.where, self._attributes)
            ]
        except BadFilterError as error:
            raise Refusal(400, str(error)) from None
        return sorted(
            found,
            key=lambda one: (collate(one.get(search.order_by) or ""), one["id"]),
            reverse=search.descending,
        )

    def visible(self, user: SimulatedUser) -> list[Attributes]:
        """The live records that the user may read."""
        return [
            record
            for record in self.records.values()
            if not record["deleted"]
            and self.late.get(record["id"], "") <= self.now()
            and (user.read == "all" or record.get("assignedUserId") == user.user_id)
        ]

    def _selected(self, record: Attributes, search: Search) -> Attributes:
        row = as_row(record, self.custom, self.user_names)
        if search.select is None:
            return row
        # Whatever was asked for, what the order and the rights are decided by comes along.
        wanted = {"id", *search.select, search.order_by, "createdById", "assignedUserId"}
        return {name: value for name, value in row.items() if name in wanted}

    def read(self, user: SimulatedUser, record_id: str) -> Attributes:
        """One live record."""
        record = self._live(record_id, "does not exist")
        if record not in self.visible(user):
            raise Refusal(403, "No read access.")
        return self._shown(record, user)

    def _shown(self, record: Attributes, user: SimulatedUser) -> Attributes:
        row = as_row(record, self.custom, self.user_names)
        return as_read(row, record, stream=user.stream != "no")

    def _live(self, record_id: str, words: str = "not found") -> Attributes:
        record = self.records.get(record_id)
        if record is None or record["deleted"] or self.late.get(record_id, "") > self.now():
            raise Refusal(404, f"Record {record_id} {words}.")
        return record

    def _values(self, body: Any) -> Attributes:
        """What of a body is set: a list, an unknown field and a read-only one are ignored."""
        given = body if isinstance(body, dict) else {}
        editable = _EDITABLE | set(self.custom)
        return {name: sanitise(value) for name, value in given.items() if name in editable}

    def create(self, user: SimulatedUser, body: Any, *, check: bool = True) -> Attributes:
        """A new record; 409 with the first match where the duplicate check finds one."""
        if not user.create:
            raise Refusal(403, "No create access.")
        values = self._values(body)
        failure = first_failure(values, self.fields)
        if failure is not None:
            raise not_valid(*failure)
        if values.get("assignedUserId") not in (None, user.user_id):
            raise Refusal(403, "Assignment failure: assigned user or team not allowed.")
        if values["name"] in self.refused_names:
            raise Refusal(400, "A rule of this CRM refuses the name.")
        duplicates = self.duplicates(user, values) if check else []
        if duplicates:
            # The source limits the matches to ten, yet running servers list only one.
            rows = [as_row(one, self.custom, self.user_names) for one in duplicates[:1]]
            raise Refusal(409, "duplicate", body=rows)
        record = self.insert(user, values)
        return as_created(record, user.name, stream=user.stream != "no")

    def insert(self, user: SimulatedUser, values: Attributes) -> Attributes:
        """Store a record, whatever it holds."""
        at = self.now()
        record = {"id": self.new_id(), "deleted": False, **values, **contact_data(values)}
        record |= {"createdAt": at, "modifiedAt": at, "createdById": user.user_id}
        self.records[record["id"]] = record
        return record

    def duplicates(self, user: SimulatedUser, values: Attributes) -> list[Attributes]:
        """The records with this name or address of mail that the user may read."""
        name, mail = values.get("name"), values.get("emailAddress")

        def is_same(record: Attributes) -> bool:
            held = record.get("emailAddress")
            same_name = name is not None and collate(record["name"]) == collate(name)
            return same_name or (mail is not None and held is not None and _same(held, mail))

        seen = [one for one in self.visible(user) if one["id"] not in self.unseen]
        return sorted(filter(is_same, seen), key=lambda one: str(one["id"]))

    def update(self, user: SimulatedUser, record_id: str, body: Any) -> Attributes:
        """Change a record; ``modifiedAt`` moves even where nothing is new."""
        record = self._live(record_id)
        if user.edit == "no":
            raise Refusal(403, "No edit access.")
        values = self._values(body)
        failure = first_failure({"name": record["name"], **values}, self.fields)
        if failure is not None:
            raise not_valid(*failure)
        self._save(user, record, values)
        # The reply is built before the lists behind mail and telephone are: they come a read later.
        shown = self._shown(record, user)
        record |= contact_data(record)
        return shown

    def _save(self, user: SimulatedUser, record: Attributes, values: Attributes) -> None:
        record |= values | {"modifiedAt": self.now(), "modifiedById": user.user_id}

    def mass_update(self, user: SimulatedUser, ids: Sequence[str], body: Any) -> list[str]:
        """Change those of the ids that are there; which these were."""
        done = [one for one in ids if one in self.records and not self.records[one]["deleted"]]
        for record_id in done:
            self._save(user, self.records[record_id], self._values(body))
        return done

    def delete(self, user: SimulatedUser, record_id: str) -> None:
        """Mark a record as deleted; nothing shows it any more."""
        record = self._live(record_id)
        if user.delete == "no":
            raise Refusal(403, "No delete access.")
        record |= {"deleted": True, "modifiedAt": self.now()}

    def restore(self, record_id: str) -> None:
        """Bring a deleted record back, with no look at duplicates."""
        record = self.records.get(record_id)
        if record is None:
            raise Refusal(404)
        record |= {"deleted": False, "modifiedAt": self.now()}

    def merge(
        self, user: SimulatedUser, into: str, sources: Sequence[str], body: Any
    ) -> Attributes:
        """Delete ``sources`` and give ``into`` the attributes."""
        if user.edit == "no":
            raise Refusal(403, "")
        survivor = self._live(into)
        lost = [self._live(one) for one in sources]
        if user.delete == "no":
            text = "No read, edit or delete access for one of source entities."
            raise Refusal(403, text)
        for record in lost:
            record |= {"deleted": True, "modifiedAt": self.now()}
        self._save(user, survivor, self._values(body))
        return self._shown(survivor, user)


def _same(left: str, right: str) -> bool:
    return left.lower() == right.lower()
