"""The always-on daemon: saved searches in, new companies in the CRM, no duplicates."""
