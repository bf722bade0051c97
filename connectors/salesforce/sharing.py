"""What the app's user may do, and whether it sees every account; for the probe."""

from connectors.salesforce.api import SalesforceApi
from connectors.salesforce.fields import AccountFields
from connectors.salesforce.soql import one_of, text_literal
from connectors.sdk.faults import NeedsPerson, Permanent
from connectors.sdk.protocol import Finding, Level


def check_rights(known: AccountFields) -> list[Finding]:
    """A problem where accounts may not be created."""
    if known.createable:
        return []
    text = "the app's user may not create accounts"
    remedy = 'give its profile or a permission set "Create" on Accounts'
    return [Finding(level=Level.PROBLEM, text=text, remedy=remedy)]


def check_sharing(api: SalesforceApi) -> list[Finding]:
    """A warning where Salesforce does not say that the user sees all accounts.

    What it does not see is not excluded from searches, and may be added a second time.
    """
    user = text_literal(api.tokens.user_id)
    sets = f"SELECT Id,PermissionSetId FROM PermissionSetAssignment WHERE AssigneeId = {user}"  # noqa: S608 - SOQL, escaped
    rights = "SELECT Id,ParentId FROM ObjectPermissions"
    view_all = "SobjectType = 'Account' AND PermissionsViewAllRecords = TRUE"
    try:
        rows = api.query_whole(sets)
        found = api.query_each(
            rights,
            [str(row.get("PermissionSetId")) for row in rows],
            lambda group: f"{view_all} AND {one_of('ParentId', group)}",
        )
    except (NeedsPerson, Permanent):
        found = []
    if found:
        return [Finding(level=Level.OK, text="the app's user sees all accounts")]
    text = (
        "it cannot be seen that the app's user sees all accounts: those that are not shared with "
        "it are neither excluded nor recognised"
    )
    remedy = 'give a permission set of the Run As user "View All" on Accounts'
    return [Finding(level=Level.WARNING, text=text, remedy=remedy)]
