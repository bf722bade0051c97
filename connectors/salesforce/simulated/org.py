"""A Salesforce organisation's state: accounts, the recycle bin, fields and who may see them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from connectors.salesforce.accounts import long_id
from connectors.salesforce.simulated.catalogue import Json, custom_field, standard_fields
from connectors.sdk.clock import Clock

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


@dataclass(slots=True)
class Account:
    """One account, in the recycle bin where ``deleted``; no query shows it before ``visible``."""

    id: str
    values: Json
    created: datetime
    modified: datetime
    visible: datetime
    deleted: bool = False
    master_id: str | None = None

    def row(self, names: Iterable[str]) -> Json:
        """As queries see it; a field without value is None."""
        return {
            **dict.fromkeys(names),
            **self.values,
            "Id": self.id,
            "IsDeleted": self.deleted,
            "MasterRecordId": self.master_id,
            "CreatedDate": self.created,
            "LastModifiedDate": self.modified,
            "SystemModstamp": self.modified,
        }


@dataclass(slots=True)
class Org:
    """One organisation. ``hidden`` are fields that no profile shows to the app's user."""

    clock: Clock
    fields: dict[str, Json] = field(default_factory=standard_fields)
    accounts: dict[str, Account] = field(default_factory=dict)
    hidden: set[str] = field(default_factory=set)
    permission_sets: dict[str, str] = field(default_factory=dict)
    assigned: set[tuple[str, str]] = field(default_factory=set)
    grants: set[tuple[str, str]] = field(default_factory=set)
    sees_all: bool = True
    """The user's profile has "View All" on accounts."""
    user_id: str = "005gL0000000000AAA"
    _last: int = 0

    def now(self) -> datetime:
        """The organisation's time; stamps are in whole seconds."""
        return self.clock.now().replace(microsecond=0)

    def new_id(self, prefix: str) -> str:
        """The next id of 18 characters for this kind of record."""
        self._last += 1
        number, tail = self._last, ""
        while number:
            number, digit = divmod(number, len(_DIGITS))
            tail = _DIGITS[digit] + tail
        return long_id(f"{prefix}gL0{tail:0>9}")

    # Fields.

    def visible_fields(self) -> dict[str, Json]:
        """What the app's user may see."""
        sets = {set_id for _, set_id in self.assigned}
        shown = {name for set_id, name in self.grants if set_id in sets}
        return {n: each for n, each in self.fields.items() if n not in self.hidden or n in shown}

    def add_field(self, name: str, metadata: Json, *, hidden: bool) -> None:
        """Make a custom field; through an API it is hidden from everybody at first."""
        self.fields[name] = custom_field(name, metadata)
        if hidden:
            self.hidden.add(name)

    def unique_fields(self) -> list[str]:
        """The fields whose values no two live accounts share."""
        return [name for name, each in self.fields.items() if each["unique"]]

    def setup_rows(self, table: str) -> list[Json]:
        """The rows of a table of the set-up; the user's profile is a permission set too."""
        profile = "0PSgL0000000000AAA"
        if table == "PermissionSet":
            return [{"Id": i, "Name": name} for name, i in self.permission_sets.items()]
        if table == "PermissionSetAssignment":
            pairs = [(self.user_id, profile), *sorted(self.assigned)]
            return [
                {"Id": f"0Pa{number:012d}AAA", "AssigneeId": user, "PermissionSetId": set_id}
                for number, (user, set_id) in enumerate(pairs)
            ]
        return [
            {
                "Id": "110gL0000000000AAA",
                "ParentId": profile,
                "SobjectType": "Account",
                "PermissionsViewAllRecords": self.sees_all,
            }
        ]

    # Accounts.

    def live(self) -> list[Account]:
        """All accounts that people see, whether queries show them yet or not."""
        return [each for each in self.accounts.values() if not each.deleted]

    def shown(self, *, with_deleted: bool) -> Iterator[Account]:
        """All accounts that queries show now."""
        now = self.clock.now()
        for each in self.accounts.values():
            if each.visible <= now and (with_deleted or not each.deleted):
                yield each

    def holder(self, name: str, value: Any) -> Account | None:
        """The live account with this value of a unique field."""
        if value is None:
            return None
        exact = self.fields[name]["caseSensitive"]
        wanted = value if exact else str(value).casefold()
        for each in self.live():
            held = each.values.get(name)
            if held is not None and (held if exact else str(held).casefold()) == wanted:
                return each
        return None

    def insert(self, values: Mapping[str, Any], *, late: timedelta = timedelta(0)) -> Account:
        """A new account. ``late``: it is stamped now, and committed so much later."""
        now = self.now()
        made = Account(
            id=self.new_id("001"),
            values={name: value for name, value in values.items() if value is not None},
            created=now,
            modified=now,
            visible=self.clock.now() + late,
        )
        self.accounts[made.id] = made
        return made

    def update(self, account: Account, values: Mapping[str, Any]) -> None:
        """Change values; None clears one."""
        merged = {**account.values, **values}
        account.values = {name: value for name, value in merged.items() if value is not None}
        account.modified = self.now()

    def delete(self, account: Account) -> None:
        """To the recycle bin."""
        account.deleted = True
        account.modified = self.now()

    def undelete(self, account: Account) -> None:
        """Back from the recycle bin.

        Raises:
            ValueError: another live account has a unique value of it (not confirmed by documents).
        """
        for name in self.unique_fields():
            if self.holder(name, account.values.get(name)) is not None:
                raise ValueError("UNDELETE_FAILED: duplicate value found")
        account.deleted, account.master_id = False, None
        account.modified = self.now()

    def merge(self, survivor: Account, lost: Account) -> None:
        """The survivor keeps its own values; the other goes to the bin with a pointer to it."""
        self.delete(lost)
        lost.master_id = survivor.id
        survivor.modified = self.now()

    def purge(self, account: Account) -> None:
        """Out of the recycle bin too: nothing shows it any more."""
        del self.accounts[account.id]
