"""Everything that a connector is written with; the daemon's side of the contract too."""
