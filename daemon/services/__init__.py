"""Use cases: each reads, lets the core decide, and writes."""
