"""Pod Security Standards as ``validate.podSecurity`` asks for them (upstream: pkg/pss over pod-security-admission)."""

from engine.pod_security.standard import Memo, PodSecurityAnswer, Standard, compile, with_excludes

__all__ = ["Memo", "PodSecurityAnswer", "Standard", "compile", "with_excludes"]
