"""Real processes: killed, in crowds, on databases that go away."""
