"""Secrets: where they come from, and how they are kept from being shown."""

from .secrets import Secrets, secrets

__all__ = ["Secrets", "secrets"]
