"""What a probe says about a token; pure."""

from collections.abc import Mapping
from typing import Any

from connectors.sdk.protocol import Finding, Level

_NEEDED = {
    "record_permission:read-write": "companies cannot be created",
    "object_configuration:read": "attributes cannot be read",
}
_WIDER = {"object_configuration:read": "object_configuration:read-write"}


def token_findings(token: Mapping[str, Any]) -> list[Finding]:
    """Whether the token works and has the scopes; Attio says 200 to a bad one as well."""
    if token.get("active") is not True:
        return [
            Finding(
                level=Level.PROBLEM,
                text="Attio does not know the token, or it was withdrawn",
                remedy=(
                    "in Attio open Workspace settings, Developers, create an access token, and "
                    "put it where token_env or token_file points"
                ),
            )
        ]
    scopes = set(str(token.get("scope", "")).split())
    lacking = [
        Finding(
            level=Level.PROBLEM,
            text=f"the token lacks the scope {scope}: {consequence}",
            remedy=f"add {scope} to the token under Workspace settings, Developers",
        )
        for scope, consequence in _NEEDED.items()
        if scope not in scopes and _WIDER.get(scope) not in scopes
    ]
    workspace = Finding(level=Level.OK, text=f"Attio workspace {token.get('workspace_name')}")
    return [workspace, *lacking]
