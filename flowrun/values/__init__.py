"""Values: what tasks return and share, as JSON text that a person can read."""

from .codec import decode, encode, put_aside

__all__ = ["decode", "encode", "put_aside"]
