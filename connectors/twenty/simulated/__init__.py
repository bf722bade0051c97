"""The parts of the simulated Twenty server; ``connectors.twenty.simulator`` puts them together."""
