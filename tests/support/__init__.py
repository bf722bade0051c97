"""What the tests share: databases, worlds, clocks."""
