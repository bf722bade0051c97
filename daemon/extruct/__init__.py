"""The vendor's API: calls, payloads, and what its answers mean."""
