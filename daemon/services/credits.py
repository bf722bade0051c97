"""Ask the vendor what is left to spend; not knowing never stops anything."""

from connectors.sdk.faults import Fault
from daemon.extruct.client import ExtructClient


def fetch_credits(client: ExtructClient) -> float | None:
    """The credits left, or None where the vendor does not say so now."""
    try:
        return client.account().available_credits
    except Fault:
        return None
