"""Yardsticks: how fast the mirror is, how fast a plan, how small the idle daemon."""
