"""What the reference's policy validation refuses, before a policy is evaluated (upstream: pkg/validation/policy)."""

from engine.validation.checks import reason, validate
from engine.validation.exceptions import validate_exception

__all__ = ["reason", "validate", "validate_exception"]
