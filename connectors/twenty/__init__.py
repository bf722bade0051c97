"""Twenty: the open-source CRM, self-hosted or in its makers' cloud."""
