"""Approvals: questions to people, which hold tasks up, and the answers to them."""

from .answer import Answer
from .choice import chosen, is_asked_now
from .desk import Desk
from .question import Question

__all__ = ["Answer", "Desk", "Question", "chosen", "is_asked_now"]
