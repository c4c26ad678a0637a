"""Values: what tasks return and share, as JSON text that a person can read."""

from .codec import decode, encode

__all__ = ["decode", "encode"]
