"""The loggers of the example project."""
