"""Notifications: the contract, for those who send a message in another way."""

from .notification import Notification

__all__ = ["Notification"]
