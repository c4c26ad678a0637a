"""Approvals: questions to people, which hold tasks up, and the answers to them."""

from .answer import Answer
from .choice import chosen, is_asked_now, question_record
from .desk import Desk
from .question import Question, shortened

__all__ = ["Answer", "Desk", "Question", "chosen", "is_asked_now", "question_record", "shortened"]
