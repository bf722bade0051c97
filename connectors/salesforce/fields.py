"""Account's fields as the user may see and write them, and what is said where one is missing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from connectors.salesforce.accounts import LONGEST_KEY, NEEDED, WELCOME, Json
from connectors.sdk.faults import NeedsPerson
from connectors.sdk.protocol import Finding, Level

Definition = Mapping[str, Any]

_OWN: dict[str, Json] = {
    "Prospectd_Relevance__c": {
        "label": "Relevance (prospectd)",
        "description": "How well the company fits the search, 0 to 100",
        "type": "Number",
        "precision": 5,
        "scale": 2,
    },
    "Prospectd_Search__c": {
        "label": "Found by search (prospectd)",
        "description": "The saved search that found the company",
        "type": "Text",
        "length": 255,
    },
    "Prospectd_Task__c": {
        "label": "Extruct task (prospectd)",
        "description": "The Deep Search task that found the company",
        "type": "Text",
        "length": 255,
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountFields:
    """What ``describe`` says of Account: only what the user may see is there."""

    fields: Mapping[str, Definition]
    createable: bool
    name: str

    @classmethod
    def parse(cls, raw: Json, *, name: str) -> "AccountFields":
        """From the body of ``describe``; ``name`` is the connector's, for messages."""
        fields = {each["name"]: each for each in raw["fields"]}
        return cls(fields=fields, createable=bool(raw.get("createable", True)), name=name)

    def find(self, name: str) -> Definition | None:
        """The definition of a field; Salesforce does not tell upper from lower case in names."""
        exact = self.fields.get(name)
        if exact is not None:
            return exact
        folded = name.casefold()
        return next((each for key, each in self.fields.items() if key.casefold() == folded), None)

    def select(self, key_field: str) -> str:
        """The beginning of every query for accounts.

        Raises:
            NeedsPerson: the user may not see a field without which no company is recognised.
        """
        hidden = [name for name in NEEDED if name not in self.fields]
        if hidden:
            text = (
                f"{self.name}: the app's user may not see Account's {', '.join(hidden)}; give it "
                "read access (field-level security)"
            )
            raise NeedsPerson("hidden_fields", text)
        names = [*NEEDED, *(name for name in (*WELCOME, key_field) if name in self.fields)]
        return f"SELECT {','.join(names)} FROM Account"  # noqa: S608 - SOQL of names that Salesforce gave

    def require_key(self, key_field: str) -> None:
        """See that the key can be written and is unique.

        Raises:
            NeedsPerson: it cannot, and without it nothing keeps a company from being made twice.
        """
        finding = check_key(key_field, self.fields.get(key_field))
        if finding.level is Level.PROBLEM:
            text = f"{self.name}: {finding.text}; {finding.remedy}"
            raise NeedsPerson("no_key_field", text)


def key_metadata() -> Json:
    """The field for our key, as the Tooling API wants it."""
    return {
        "label": "Key (prospectd)",
        "description": "Tells prospectd which company this is; please leave it as it is.",
        "type": "Text",
        "length": LONGEST_KEY,
        "externalId": True,
        "unique": True,
        "caseSensitive": False,
        "required": False,
    }


def own_metadata(key_field: str, mapped: Iterable[str]) -> dict[str, Json]:
    """The key's field, and our other fields as far as the mapping uses them."""
    used = set(mapped)
    return {key_field: key_metadata(), **{name: _OWN[name] for name in _OWN if name in used}}


def check_key(name: str, found: Definition | None) -> Finding:
    """Whether the organisation's field can hold our key."""
    if found is None:
        text = f'the Account field "{name}" does not exist, or the app\'s user may not see it'
        return Finding(level=Level.PROBLEM, text=text, remedy=by_hand(name))
    wrong = [
        words
        for words, is_wrong in (
            ("is no text field", found.get("type") != "string"),
            ("is not unique", not found.get("unique")),
            ("is no external ID", not found.get("externalId")),
            ("may not be written by the app's user", not found.get("createable")),
            (f"holds fewer than {LONGEST_KEY} characters", found.get("length", 0) < LONGEST_KEY),
        )
        if is_wrong
    ]
    if wrong:
        text = f'the Account field "{name}" {" and ".join(wrong)}'
        remedy = f"change it, or set key_field in config.toml to a new name; {by_hand(name)}"
        return Finding(level=Level.PROBLEM, text=text, remedy=remedy)
    return Finding(level=Level.OK, text=f'the unique external ID "{name}" is there')


def check_mapped(names: Iterable[str], known: AccountFields) -> list[Finding]:
    """Warnings for mapped fields that are not there or may not be written."""
    findings = []
    for name in sorted(set(names)):
        found = known.find(name)
        if found is None:
            text = f'the mapping writes "{name}", which Account does not show to the app\'s user'
        elif not found.get("createable"):
            text = f'the mapping writes "{name}", which the app\'s user may not write'
        else:
            continue
        remedy = (
            "create it or give the user access to it (Setup, Object Manager, Account, Fields & "
            f'Relationships), or set mapping.{name} = ""; until then it is left out'
        )
        findings.append(Finding(level=Level.WARNING, text=text, remedy=remedy))
    return findings


def by_hand(name: str) -> str:
    """How an administrator makes the key's field."""
    return (
        "an administrator creates it: Setup, Object Manager, Account, Fields & Relationships, New, "
        f'data type Text, field name "{name.removesuffix("__c")}", length {LONGEST_KEY}, tick '
        '"Do not allow duplicate values" (case insensitive) and "External ID", and on the next '
        "page make it visible and not read-only for the profile of the app's Run As user"
    )
