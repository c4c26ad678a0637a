"""The tasks of the example project."""
