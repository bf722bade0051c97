"""Creating the fields of our own, and letting the app's user write them.

A field that the Tooling API makes is seen by nobody, not even by the administrator who made it,
before a permission set grants it. So: the field, a permission set ``prospectd``, its assignment to
the app's user, and the permission for each field. Each has a unique name, so that a second daemon
that does the same at once is refused as a duplicate, which is fine.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from connectors.salesforce.accounts import Json
from connectors.salesforce.api import SalesforceApi
from connectors.salesforce.faults import body_of
from connectors.salesforce.fields import AccountFields, check_key, check_mapped, own_metadata
from connectors.salesforce.refusals import read_refusals
from connectors.salesforce.soql import text_literal
from connectors.sdk.faults import NeedsPerson, Permanent
from connectors.sdk.protocol import Finding, Level
from connectors.sdk.replies import Reply

PERMISSION_SET = "prospectd"
_THERE = frozenset({"DUPLICATE_DEVELOPER_NAME", "DUPLICATE_VALUE"})


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaKeeper:
    """Looks after the fields of one organisation; ``describe`` gives them as they are now."""

    api: SalesforceApi
    key_field: str
    mapped: Sequence[str]
    describe: Callable[[], AccountFields]

    def check(self, known: AccountFields) -> list[Finding]:
        """What is there and what is not; changes nothing."""
        key = check_key(self.key_field, known.fields.get(self.key_field))
        return [key, *check_mapped(self.mapped, known)]

    def ensure(self) -> list[Finding]:
        """Create what is missing, as far as the user may."""
        known = self.describe()
        wanted = own_metadata(self.key_field, self.mapped)
        missing = {name: each for name, each in wanted.items() if name not in known.fields}
        if not missing:
            return self.check(known)
        said = self._create(missing)
        findings = self.check(self.describe())
        if said and any(each.level is not Level.OK for each in findings):
            text = f"Salesforce does not let the app's user create our fields: {said}"
            remedy = (
                'give the Run As user "Customize Application" and "Manage Profiles and Permission '
                'Sets" for the first start, or create the fields by hand'
            )
            findings.append(Finding(level=Level.WARNING, text=text, remedy=remedy))
        return findings

    def _create(self, missing: Mapping[str, Json]) -> str:
        """Create and grant; gives Salesforce's words where it refused something."""
        said = [self._create_field(name, each) for name, each in missing.items()]
        said.append(self._grant(missing))
        return next((each for each in said if each), "")

    def _create_field(self, name: str, metadata: Json) -> str:
        body = {"FullName": f"Account.{name}", "Metadata": metadata}
        return self._refusal(self.api.create_setup("tooling/sobjects/CustomField", body))

    def _grant(self, names: Iterable[str]) -> str:
        try:
            set_id, said_of_set = self._permission_set()
        except (NeedsPerson, Permanent) as fault:
            return fault.message
        if not set_id:
            return said_of_set or "the permission set cannot be made"
        body: Json = {"AssigneeId": self.api.tokens.user_id, "PermissionSetId": set_id}
        said = [self._refusal(self.api.create_setup("sobjects/PermissionSetAssignment", body))]
        for name in names:
            grant = {
                "ParentId": set_id,
                "SobjectType": "Account",
                "Field": f"Account.{name}",
                "PermissionsRead": True,
                "PermissionsEdit": True,
            }
            said.append(self._refusal(self.api.create_setup("sobjects/FieldPermissions", grant)))
        return next((each for each in said if each), "")

    def _permission_set(self) -> tuple[str, str]:
        """Its id, made where it is missing, or "" with Salesforce's words."""
        found, said = self._find_permission_set(), ""
        if not found:
            body = {"Name": PERMISSION_SET, "Label": PERMISSION_SET}
            said = self._refusal(self.api.create_setup("sobjects/PermissionSet", body))
            found = self._find_permission_set()
        return found, said

    def _find_permission_set(self) -> str:
        """Its id; "" where there is none."""
        named = f"Name = {text_literal(PERMISSION_SET)}"
        soql = f"SELECT Id FROM PermissionSet WHERE {named}"  # noqa: S608 - SOQL, escaped
        rows = self.api.query_whole(soql)
        return str(rows[0]["Id"]) if rows else ""

    def _refusal(self, reply: Reply) -> str:
        """Salesforce's words where it refused; what is there already is no refusal."""
        if reply.status < HTTPStatus.BAD_REQUEST:
            return ""
        refusals = read_refusals(body_of(reply))
        if any(refusal.code in _THERE for refusal in refusals):
            return ""
        words = "; ".join(f"{each.code}: {each.message}" for each in refusals)
        return self.api.shown(words or f"status {reply.status}")
