"""The parts of the simulated HubSpot: state, endpoints, search, validation."""
