"""New companies as signed messages, by Standard Webhooks."""

from connectors.sdk.capabilities import Guarantee
from connectors.sdk.protocol import ConnectorPlugin
from connectors.webhook.connector import CAPABILITIES, WebhookConnector
from connectors.webhook.options import WebhookOptions

__all__ = ["WebhookConnector", "WebhookOptions", "connector"]

connector = ConnectorPlugin(
    name="webhook",
    version="1.0",
    options=WebhookOptions,
    capabilities=CAPABILITIES,
    guarantee=Guarantee(
        key="webhook-id, the same for a company over retries, restarts and replicas.",
        killed_mid_write=(
            "At least once: the message is sent again with the same webhook-id, and it is the "
            "receiver who must not act on it twice."
        ),
        replicas_race="Both send the same webhook-id: the receiver must act on it once.",
        person_races="Not prevented: what the receiver does with a company is its own affair.",
        repaired="Nothing: a webhook cannot be read, so a second record is not even seen.",
    ),
    open=WebhookConnector,
    secrets=("secret",),
)
