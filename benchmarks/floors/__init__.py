"""Programs that do the least that must be done. Each prints the seconds it took by its own clock."""
