"""What a probe says about this EspoCRM and this user; pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connectors.espocrm.fields import KEY_LENGTH
from connectors.sdk.protocol import Finding, Level

_ROLE = "in Administration, Roles, open the role of the API user and set, for Accounts, "


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """What the user may do with Accounts, as ``App/user`` tells it."""

    user: str = ""
    read: str = "no"
    create: str = "no"
    edit: str = "no"
    delete: str = "no"
    is_admin: bool = False

    @property
    def can_merge(self) -> bool:
        """Whether merging is allowed: it edits one record and deletes the other."""
        return self.edit != "no" and self.delete != "no"


def rights_of(answer: Mapping[str, Any]) -> Rights:
    """The rights in an answer of ``App/user``; an administrator's table may say nothing."""
    user = answer.get("user") or {}
    is_admin = user.get("type") in ("admin", "super-admin") or user.get("isAdmin") is True
    name = str(user.get("userName", ""))
    if is_admin:
        return Rights(user=name, read="all", create="yes", edit="all", delete="all", is_admin=True)
    table = (answer.get("acl") or {}).get("table") or {}
    account = table.get("Account")
    given = account if isinstance(account, dict) else {}
    read, create, edit, delete = (
        str(given.get(one, "no")) for one in ("read", "create", "edit", "delete")
    )
    return Rights(user=name, read=read, create=create, edit=edit, delete=delete)


def rights_findings(rights: Rights, version: str) -> list[Finding]:
    """Whether the user may do what is needed."""
    findings = [
        Finding(level=Level.OK, text=f"EspoCRM {version}: logged in as {rights.user}"),
    ]
    if rights.read != "all":
        text = (
            f"the user may read {rights.read} Accounts: what it cannot see is created again, and "
            "EspoCRM's duplicate check is blind to it too"
        )
        findings.append(_problem(text, '"Read" to "all"'))
    if rights.create != "yes":
        findings.append(_problem("the user may not create Accounts", '"Create" to "yes"'))
    if not rights.can_merge:
        text = "the user may not edit and delete Accounts: duplicates cannot be merged from here"
        remedy = f'{_ROLE}"Edit" and "Delete" to "all", if merging is wanted'
        findings.append(Finding(level=Level.WARNING, text=text, remedy=remedy))
    return findings


def _problem(text: str, setting: str) -> Finding:
    return Finding(level=Level.PROBLEM, text=text, remedy=f"{_ROLE}{setting}")


def key_findings(key_field: str, fields: Mapping[str, Any]) -> list[Finding]:
    """Whether the key's field, where it is there, can hold our keys."""
    definition = fields.get(key_field)
    if not isinstance(definition, dict):
        return []
    length = definition.get("maxLength")
    if definition.get("type") != "varchar":
        text = f"{key_field} is of type {definition.get('type')}, not Varchar"
        remedy = "name another field in key_field, or remove this one and let it be made anew"
        return [Finding(level=Level.PROBLEM, text=text, remedy=remedy)]
    if isinstance(length, int) and length < KEY_LENGTH:
        text = f"{key_field} holds {length} characters; our keys may have {KEY_LENGTH}"
        remedy = f"set its Max Length to {KEY_LENGTH} in the Entity Manager"
        return [Finding(level=Level.WARNING, text=text, remedy=remedy)]
    return [Finding(level=Level.OK, text=f"{key_field} is there for our key")]


def duplicate_check_findings(checked: object) -> list[Finding]:
    """Whether EspoCRM's own duplicate check looks at the name, as it does by default."""
    if isinstance(checked, list) and "name" in checked:
        return []
    return [
        Finding(
            level=Level.WARNING,
            text="EspoCRM's duplicate check for Accounts does not look at the name",
            remedy=(
                "in Administration, Entity Manager, Account, put Name into the duplicate check's "
                "fields: it narrows races with people"
            ),
        )
    ]
