"""Decisions, as pure functions over frozen values: no clock, log, random or I/O in here."""
