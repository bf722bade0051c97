"""What a token must be allowed to do, and what a probe says when it is not; pure."""

from collections.abc import Collection

from connectors.sdk.protocol import Finding, Level

NEEDED = (
    "ZohoCRM.modules.accounts.READ",
    "ZohoCRM.modules.accounts.CREATE",
    "ZohoCRM.coql.READ",
    "ZohoCRM.settings.fields.READ",
)
ONCE = "ZohoCRM.settings.fields.CREATE"
"""For the first start alone."""
_REMEDY = (
    "in the API console of your data centre open the self client, generate a code with the scopes "
    f"{','.join((*NEEDED, ONCE))}, exchange it for a refresh token, and put that where "
    "refresh_token_env or refresh_token_file points"
)


def refused_finding(message: str) -> Finding:
    """Zoho does not take the credentials, or they may not do what is needed."""
    return Finding(level=Level.PROBLEM, text=message, remedy=_REMEDY)


def scope_findings(granted: Collection[str] | None) -> list[Finding]:
    """Which scopes are lacking; nothing where Zoho did not tell what there is."""
    if granted is None:
        return []
    return [
        Finding(level=Level.PROBLEM, text=f"the token lacks the scope {scope}", remedy=_REMEDY)
        for scope in NEEDED
        if not is_covered(scope, granted)
    ]


def is_covered(scope: str, granted: Collection[str]) -> bool:
    """Whether a scope is granted by itself, by ALL, or by a scope above it."""
    held = {one.casefold() for one in granted}
    stem, _, act = scope.casefold().rpartition(".")
    acts = {act, "all", "write"} if act == "create" else {act, "all"}
    while "." in stem:
        if any(f"{stem}.{one}" in held for one in acts):
            return True
        stem = stem.rpartition(".")[0]
    return False
