"""Looks at the websites of companies: where they lead, and nothing else of them."""
