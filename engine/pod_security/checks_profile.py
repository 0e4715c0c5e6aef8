"""The checks on security profiles: AppArmor, seccomp, SELinux."""

from __future__ import annotations

from collections.abc import Iterator

from engine.model import Value
from engine.pod_security.finding import FieldError, Violation, in_security, names, quoted
from engine.pod_security.pod import Container, Pod
from engine.regex import later

_ALLOWED_PROFILES = ("RuntimeDefault", "Localhost")
_APPARMOR = "container.apparmor.security.beta.kubernetes.io/"
_SECCOMP_POD = "seccomp.security.alpha.kubernetes.io/pod"
_SECCOMP_CONTAINER = "container.seccomp.security.alpha.kubernetes.io/"
_SECCOMP_VALUES = later(r"(?:runtime/default|docker/default)\Z|localhost/")
_SELINUX_FIELDS = ("user", "role")
SELINUX_0 = frozenset(("", "container_t", "container_init_t", "container_kvm_t"))
SELINUX_31 = SELINUX_0 | {"container_engine_t"}


def app_armor(pod: Pod) -> Violation | None:
    """AppArmor profiles must be the runtime's default or one of the node."""
    annotated = tuple(
        FieldError(("metadata", "annotations", key), pod.annotations[key])
        for key in sorted(pod.annotations)
        if key.startswith(_APPARMOR) and _is_foreign(pod.annotations[key])
    )
    set_ones = tuple(_profile_errors(pod, "appArmorProfile"))
    if not annotated and not set_ones:
        return None
    count = len({error.bad for error in set_ones}) + len(annotated)
    subject = names(set_ones)
    if subject and annotated:
        subject += " and annotation" if len(annotated) == 1 else " and annotations"
    return Violation(f"forbidden AppArmor profile{'' if count == 1 else 's'}", (*set_ones, *annotated), subject)


def _is_foreign(profile: str) -> bool:
    return profile not in ("", "runtime/default") and not profile.startswith("localhost/")


def _profile_errors(pod: Pod, key: str) -> Iterator[FieldError]:
    """Profiles of a type that is not allowed: the pod's, then the containers'."""
    bad = _bad_profile(pod.security, key)
    if bad is not None:
        yield FieldError(("spec", "securityContext", key, "type"), bad)
    for container in pod.secured:
        bad = _bad_profile(container.security, key)
        if bad is not None:
            yield in_security(container, key, "type", bad=bad)


def _bad_profile(security: dict[str, Value] | None, key: str) -> str | None:
    """The type of a profile where it is set and not allowed."""
    profile = security.get(key) if security else None
    if profile is None:
        return None
    found: str = profile.get("type") or ""
    return None if found in _ALLOWED_PROFILES else found


def seccomp_annotations(pod: Pod) -> Violation | None:
    """Before 1.19 seccomp profiles were annotations."""
    keys = [_SECCOMP_POD, *(_SECCOMP_CONTAINER + container.name for container in pod.containers)]
    errors = tuple(
        FieldError(("metadata", "annotations", key), pod.annotations[key])
        for first in dict.fromkeys(keys)
        if first in pod.annotations and not _SECCOMP_VALUES.match(pod.annotations[first])
        for key in [first] * keys.count(first)  # upstream lists the annotation once for each container of the name
    )
    return Violation("seccompProfile", errors) if errors else None


def seccomp_baseline(pod: Pod) -> Violation | None:
    """Seccomp profiles, where set, must be the runtime's default or one of the node."""
    if pod.security is None and not pod.secured:
        return None
    errors = tuple(_profile_errors(pod, "seccompProfile"))
    return Violation("seccompProfile", errors, names(errors)) if errors else None


def seccomp_restricted(pod: Pod) -> Violation | None:
    """Every container needs a seccomp profile, its own or the pod's."""
    explicit = seccomp_baseline(pod)
    if explicit is not None:
        return explicit
    if pod.security and pod.security.get("seccompProfile") is not None:
        return None
    lacking = [container for container in pod.containers if _lacks_seccomp(container)]
    errors = tuple(in_security(container, "seccompProfile", "type", required=True) for container in lacking)
    return Violation("seccompProfile", errors, quoted(c.name for c in lacking)) if errors else None


def _lacks_seccomp(container: Container) -> bool:
    return container.security is None or container.security.get("seccompProfile") is None


def selinux(pod: Pod, types: frozenset[str]) -> Violation | None:
    """SELinux types must be those of containers; users and roles must not be set."""
    errors: list[FieldError] = []
    for field, bad in _selinux_problems(pod.security, types):
        errors.append(FieldError(("spec", "securityContext", "seLinuxOptions", field), bad))
    for container in pod.secured:
        problems = _selinux_problems(container.security, types)
        errors += (in_security(container, "seLinuxOptions", field, bad=bad) for field, bad in problems)
    return Violation("seLinuxOptions", tuple(errors)) if errors else None


def _selinux_problems(security: dict[str, Value] | None, types: frozenset[str]) -> Iterator[tuple[str, str]]:
    options = security.get("seLinuxOptions") if security else None
    if options is None:
        return
    found = options.get("type") or ""
    if found not in types:
        yield "type", found
    for field in _SELINUX_FIELDS:
        if options.get(field):
            yield field, options[field]
