"""The accounts of a simulated organisation, with Zoho's own validation and uniqueness."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from connectors.sdk.clock import Clock
from connectors.zoho.simulated_fields import standard_fields

_NUMBERS = frozenset({"integer", "bigint", "double", "currency"})
USER = {"name": "Patricia Boyle", "id": "5545974000000411001"}
_URL = re.compile(
    r"(?:(?:https?|ftp)://)?(?:www\.)?[^\s\"'<>./:?@\\]+(?:\.[^\s\"'<>/:?@\\]+)+([/?:].*)?"
)


@dataclass(slots=True, kw_only=True)
class Account:
    """One account; ``hidden_until``: lists and queries do not show it before.

    One that is not ``approved`` is listed only to those who ask for both.
    """

    account_id: str
    values: dict[str, Any]
    created: datetime
    modified: datetime
    hidden_until: datetime
    approved: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Deletion:
    """An entry of the list of deleted records; without ``kept`` it is gone for good."""

    account_id: str
    name: str | None
    at: datetime
    kept: Account | None


class VerdictError(Exception):
    """What the server says of one record that it does not take."""

    def __init__(self, code: str, message: str, **details: Any) -> None:
        super().__init__(message)
        self.entry = {"code": code, "details": details, "message": message, "status": "error"}


@dataclass(slots=True, kw_only=True)
class Organisation:
    """Accounts by id, the bin, and the fields that accounts have."""

    clock: Clock
    random: Random
    lag: timedelta = timedelta(0)
    fields: dict[str, dict[str, Any]] = field(default_factory=standard_fields)
    accounts: dict[str, Account] = field(default_factory=dict)
    deleted: list[Deletion] = field(default_factory=list)
    refused_names: set[str] = field(default_factory=set)
    shows_merges: bool = True
    names_holder: bool = True
    """False: DUPLICATE_DATA does not tell which record holds the value."""
    _last_id: int = 5545974000000500000

    def now(self) -> datetime:
        """The present moment; Zoho's times have whole seconds."""
        return self.clock.now().replace(microsecond=0)

    def new_id(self) -> str:
        """The next id: they grow, with gaps."""
        self._last_id += self.random.randrange(1, 900)
        return str(self._last_id)

    def shown(self) -> list[Account]:
        """What lists and queries show: what was just written may be missing."""
        now = self.clock.now()
        return [one for one in self.accounts.values() if one.hidden_until <= now]

    # Writing.

    def insert(self, given: Mapping[str, Any], index: int = 0) -> Account:
        """A new account.

        Raises:
            VerdictError: it is not taken.
        """
        values = self._checked(given, index)
        name = values.get("Account_Name")
        if name in (None, ""):
            raise VerdictError(
                "MANDATORY_NOT_FOUND",
                "required field not found",
                api_name="Account_Name",
                json_path=f"$.data[{index}].Account_Name",
            )
        self._check_mandatory(values, index)
        if name in self.refused_names:
            raise VerdictError("INVALID_DATA", "invalid data", reason="a rule of this organisation")
        self._check_unique(values, index, None)
        return self.add(values)

    def add(self, values: Mapping[str, Any], *, lag: timedelta | None = None) -> Account:
        """A new account, unchecked."""
        now = self.now()
        account = Account(
            account_id=self.new_id(),
            values=dict(values),
            created=now,
            modified=now,
            hidden_until=self.clock.now() + (self.lag if lag is None else lag),
        )
        self.accounts[account.account_id] = account
        return account

    def update(self, account_id: str, given: Mapping[str, Any], index: int = 0) -> Account:
        """Change an account."""
        account = self.accounts[account_id]
        values = self._checked(given, index)
        self._check_unique(values, index, account_id)
        account.values |= values
        account.modified = self.now()
        return account

    def upsert(
        self, given: Mapping[str, Any], check: Sequence[str], index: int = 0
    ) -> tuple[str, Account]:
        """Insert or update: without ``check`` the account of the same *name* is the record."""
        unique = [name for name in self.fields if self.fields[name]["unique"]]
        order = dict.fromkeys([*(check or ["Account_Name"]), *unique])
        for name in order:
            holder = self._holder(name, given.get(name))
            if holder is not None:
                return "update", self.update(holder.account_id, given, index)
        return "insert", self.insert(given, index)

    def _checked(self, given: Mapping[str, Any], index: int) -> dict[str, Any]:
        """The values as they are kept; a field that is not there is ignored without a word."""
        values = {name: value for name, value in given.items() if name in self.fields}
        for name, value in values.items():
            problem = _misfit(value, self.fields[name])
            if problem:
                raise VerdictError(
                    "INVALID_DATA",
                    "invalid data",
                    api_name=name,
                    json_path=f"$.data[{index}].{name}",
                    **problem,
                )
        return values

    def _check_mandatory(self, values: Mapping[str, Any], index: int) -> None:
        for name, definition in self.fields.items():
            if definition["system_mandatory"] and values.get(name) in (None, ""):
                raise VerdictError(
                    "MANDATORY_NOT_FOUND",
                    "required field not found",
                    api_name=name,
                    json_path=f"$.data[{index}].{name}",
                )

    def _check_unique(self, values: Mapping[str, Any], index: int, own_id: str | None) -> None:
        for name, value in values.items():
            holder = self._holder(name, value) if self.fields[name]["unique"] else None
            if holder is not None and holder.account_id != own_id:
                module = {"api_name": "Accounts", "id": "5545974000000002177"}
                record = {"id": holder.account_id, "Owner": USER, "module": module}
                more = {"duplicate_record": record} if self.names_holder else {}
                raise VerdictError(
                    "DUPLICATE_DATA",
                    "duplicate data",
                    api_name=name,
                    json_path=f"$.data[{index}].{name}",
                    **more,
                )

    def _holder(self, name: str, value: Any) -> Account | None:
        """The live account with the value; what is in the bin frees it. Case is ignored."""
        if value in (None, ""):
            return None
        wanted = str(value).casefold()
        held = self.accounts.values()
        return next((a for a in held if str(a.values.get(name, "")).casefold() == wanted), None)

    # What people do.

    def delete(self, account_id: str, *, for_good: bool = False) -> None:
        """To the bin, or for good."""
        account = self.accounts.pop(account_id)
        self.deleted.append(
            Deletion(
                account_id=account_id,
                name=account.values.get("Account_Name"),
                at=self.now(),
                kept=None if for_good else account,
            )
        )

    def restore(self, account_id: str) -> None:
        """Out of the bin, as it was: its time of modification too."""
        found = next(d for d in self.deleted if d.account_id == account_id and d.kept is not None)
        self.deleted.remove(found)
        assert found.kept is not None  # noqa: S101 - for the type; what was found is kept
        self.accounts[account_id] = found.kept

    def merge(self, *, survivor_id: str, lost_id: str) -> None:
        """The survivor gets what it lacks from the other one, which is gone for good."""
        lost, survivor = self.accounts.pop(lost_id), self.accounts[survivor_id]
        survivor.values = {**lost.values, **{k: v for k, v in survivor.values.items() if v}}
        survivor.modified = self.now()
        if self.shows_merges:
            self.deleted.append(Deletion(account_id=lost_id, name=None, at=self.now(), kept=None))


def _misfit(value: Any, definition: Mapping[str, Any]) -> dict[str, Any]:
    """The details of why a field does not take a value; empty: it does."""
    kind, length = definition["data_type"], definition["length"]
    if value is None:
        return {}
    if kind in _NUMBERS:
        number = isinstance(value, int | float) and not isinstance(value, bool)
        fits = number and len(str(abs(int(value)))) <= length
        return {} if fits else {"expected_data_type": kind}
    if not isinstance(value, str):
        return {"expected_data_type": "string"}
    if len(value) > length:
        return {"maximum_length": str(length)}
    bad_url = kind == "website" and value and not _URL.fullmatch(value)
    return {"expected_data_type": "website"} if bad_url else {}


def as_row(account: Account, names: Iterable[str]) -> dict[str, Any]:
    """An account as the API shows it; a field without value is null."""
    times = {"Created_Time": stamp(account.created), "Modified_Time": stamp(account.modified)}
    values = {**account.values, **times}
    return {"id": account.account_id, **{name: values.get(name) for name in names if name != "id"}}


def stamp(moment: datetime) -> str:
    """A moment as Zoho writes it, in the user's time zone: five and a half hours ahead."""
    zone = timedelta(hours=5, minutes=30)
    return f"{(moment + zone):%Y-%m-%dT%H:%M:%S}+05:30"
