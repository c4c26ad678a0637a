"""Expressions: `${{ }}` in the values of a job file, and the conditions under `when:`."""

from .condition import Condition, condition_of
from .reference import Reference
from .scope import Scope
from .template import Template, template_of

__all__ = ["Condition", "Reference", "Scope", "Template", "condition_of", "template_of"]
