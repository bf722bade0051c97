"""How much of what is paid for is new, by the way in which exclusions are chosen."""
