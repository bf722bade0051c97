"""The parts of the simulated Salesforce: state, queries, validation, endpoints."""
