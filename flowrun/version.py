"""The version of flowrun."""

__version__ = "0.1.0"
