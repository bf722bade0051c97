"""A connector that works, to be copied and changed: ``prospectd connectors new NAME``."""

from connectors.sdk.skeleton.writing import write_skeleton

__all__ = ["write_skeleton"]
