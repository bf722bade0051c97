"""The inside of the simulated Odoo: tables, domains, rights, and the methods of its models."""
