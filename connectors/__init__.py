"""Connectors to CRMs, and the kit to write one more; knows nothing of the daemon."""
