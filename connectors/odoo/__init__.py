"""Odoo: contacts that are companies, by ``/jsonrpc`` (up to 18) or JSON-2 (from 19 on)."""
