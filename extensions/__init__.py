"""The extensions of the example project."""
