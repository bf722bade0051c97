"""What the simulated server answers to everybody, and what describes it."""

from typing import Any

HEALTH: dict[str, Any] = {"status": "ok", "info": {}, "error": {}, "details": {}}

CLIENT_CONFIG: dict[str, Any] = {
    "billing": {
        "isBillingEnabled": False,
        "trialPeriods": [
            {"duration": 30, "isCreditCardRequired": True},
            {"duration": 7, "isCreditCardRequired": False},
        ],
    },
    "authProviders": {
        "google": False,
        "magicLink": False,
        "password": True,
        "microsoft": False,
        "sso": [],
    },
    "signInPrefilled": False,
    "isMultiWorkspaceEnabled": False,
    "isEmailVerificationRequired": False,
    "defaultSubdomain": "app",
    "frontDomain": "203.0.113.5",
    "debugMode": False,
    "support": {"supportDriver": "NONE"},
    "sentry": {},
    "captcha": {},
    "api": {"mutationMaximumAffectedRecords": 100},
    "isAttachmentPreviewEnabled": True,
    "analyticsEnabled": False,
    "canManageFeatureFlags": False,
    "publicFeatureFlags": [
        {
            "key": "IS_WORKFLOW_ENABLED",
            "metadata": {
                "label": "Workflows",
                "description": "Create custom workflows to automate your work.",
                "imagePath": "https://twenty.com/images/lab/is-workflow-enabled.png",
            },
        }
    ],
    "isMicrosoftMessagingEnabled": False,
    "isMicrosoftCalendarEnabled": False,
    "isGoogleMessagingEnabled": False,
    "isGoogleCalendarEnabled": False,
    "isConfigVariablesInDbEnabled": True,
}

OPEN_API: dict[str, Any] = {
    "openapi": "3.1.1",
    "info": {
        "title": "Twenty Api",
        "description": "This is a **Twenty REST/API** playground based on the **OpenAPI 3.1 "
        "specification**.",
        "termsOfService": "https://github.com/twentyhq/twenty?tab=coc-ov-file#readme",
        "contact": {"email": "felix@twenty.com"},
        "license": {
            "name": "AGPL-3.0",
            "url": "https://github.com/twentyhq/twenty?tab=License-1-ov-file#readme",
        },
        "version": "v0.1",
    },
    "servers": [{"url": "https://crm.example/rest/", "description": "Production Development"}],
    "components": {
        "securitySchemes": {
            "bearerAuth": {
                "type": "http",
                "scheme": "bearer",
                "bearerFormat": "JWT",
                "description": "Enter the token with the `Bearer: ` prefix, e.g. "
                '"Bearer abcde12345".',
            }
        },
        "schemas": {},
    },
    "paths": {},
}
