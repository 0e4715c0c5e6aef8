"""The checks on what a container may do: capabilities, privileges, users, /proc, Windows' host processes."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from engine.model import Value
from engine.pod_security.finding import FieldError, Violation, in_security, names, quoted
from engine.pod_security.pod import Container, Pod

_DEFAULT_CAPABILITIES = frozenset(
    (
        "AUDIT_WRITE",
        "CHOWN",
        "DAC_OVERRIDE",
        "FOWNER",
        "FSETID",
        "KILL",
        "MKNOD",
        "NET_BIND_SERVICE",
        "SETFCAP",
        "SETGID",
        "SETPCAP",
        "SETUID",
        "SYS_CHROOT",
    )
)
_RESTRICTED_CAPABILITIES = frozenset(("NET_BIND_SERVICE",))


def except_windows(check: Callable[[Pod], Violation | None]) -> Callable[[Pod], Violation | None]:
    """Since 1.25 some checks do not hold for pods that say they run on Windows."""
    return lambda pod: None if pod.windows else check(pod)


def allow_privilege_escalation(pod: Pod) -> Violation | None:
    """Every container must say that it gains no privileges."""
    errors = tuple(error for container in pod.containers for error in _escalation(container))
    return Violation("allowPrivilegeEscalation != false", errors, names(errors)) if errors else None


def _escalation(container: Container) -> Iterable[FieldError]:
    if container.security is None:
        return (in_security(container, "allowPrivilegeEscalation", required=True),)
    match container.security.get("allowPrivilegeEscalation"):
        case None:
            return (in_security(container, "allowPrivilegeEscalation", bad="nil"),)
        case True:
            return (in_security(container, "allowPrivilegeEscalation", bad=True),)
    return ()


def capabilities_baseline(pod: Pod) -> Violation | None:
    """No container may add capabilities beyond the default set."""
    if not pod.secured:
        return None
    errors = tuple(_added(pod.secured, _DEFAULT_CAPABILITIES))
    return Violation("non-default capabilities", errors, names(errors)) if errors else None


def _added(containers: Iterable[Container], allowed: frozenset[str]) -> Iterable[FieldError]:
    for container in containers:
        bad = {name for name in _capabilities(container).get("add") or () if name not in allowed}
        if bad:
            yield in_security(container, "capabilities", "add", bad=tuple(sorted(bad)))


def _capabilities(container: Container) -> dict[str, Value]:
    security = container.security
    return (security.get("capabilities") if security else None) or {}


def capabilities_restricted(pod: Pod) -> Violation | None:
    """Every container must drop ALL, and may add nothing but NET_BIND_SERVICE."""
    keeping = tuple(error for container in pod.containers for error in _kept(container))
    adding = tuple(_added(pod.secured, _RESTRICTED_CAPABILITIES))
    if not keeping and not adding:
        return None
    return Violation("unrestricted capabilities", keeping + adding, names(keeping or adding))


def _kept(container: Container) -> Iterable[FieldError]:
    dropped = _capabilities(container).get("drop")
    if not dropped:
        return (in_security(container, "capabilities", "drop", required=True),)
    if "ALL" in dropped:
        return ()
    return (in_security(container, "capabilities", "drop", bad=tuple(sorted(set(dropped)))),)


def privileged(pod: Pod) -> Violation | None:
    """No container may be privileged."""
    return _if_any("privileged", (), pod, "privileged", lambda security: security.get("privileged") is True, True)


def run_as_user(pod: Pod) -> Violation | None:
    """Nobody may ask for user 0."""
    own = _own(pod, _is_root, ("runAsUser",), 0)
    return _if_any("runAsUser=0", own, pod, "runAsUser", _is_root, 0)


def _is_root(security: dict[str, Value]) -> bool:
    return security.get("runAsUser") == 0


def _own(
    pod: Pod, is_bad: Callable[[dict[str, Value]], bool], steps: tuple[str, ...], bad: bool | int
) -> tuple[FieldError, ...]:
    """The error of the pod's own securityContext."""
    if pod.security and is_bad(pod.security):
        return (FieldError(("spec", "securityContext", *steps), bad),)
    return ()


def _if_any(  # the shape that four checks share
    reason: str,
    own: tuple[FieldError, ...],
    pod: Pod,
    field: str,
    is_bad: Callable[[dict[str, Value]], bool],
    bad: bool | int,
) -> Violation | None:
    errors = list(own)
    for container in pod.secured:
        if container.security and is_bad(container.security):
            errors.append(in_security(container, field, bad=bad))
    return Violation(reason, tuple(errors), names(errors)) if errors else None


def run_as_non_root(pod: Pod) -> Violation | None:
    """Every container must be bound to run as non-root, by itself or by the pod."""
    own = pod.security.get("runAsNonRoot") if pod.security else None
    errors = [FieldError(("spec", "securityContext", "runAsNonRoot"), False)] if own is False else []
    unset = []
    for container in pod.containers:
        says = container.security.get("runAsNonRoot") if container.security else None
        if says is False:
            errors.append(in_security(container, "runAsNonRoot", bad=False))
        elif says is None and not own:
            unset.append(in_security(container, "runAsNonRoot", required=True))
    if not errors and not unset:
        return None
    return Violation("runAsNonRoot != true", (*errors, *unset), names(errors) or names(unset))


def proc_mount(pod: Pod) -> Violation | None:
    """No container may see an unmasked /proc."""
    errors = []
    for container in pod.secured:
        found = container.security.get("procMount") if container.security else None
        if found is not None and found != "Default":
            errors.append(in_security(container, "procMount", bad=found))
    return Violation("procMount", tuple(errors), names(errors)) if errors else None


def windows_host_process(pod: Pod) -> Violation | None:
    """Neither pod nor container may be a process of a Windows node."""
    errors = list(_own(pod, _is_host_process, ("windowsOptions", "hostProcess"), True))
    for container in pod.secured:
        if container.security and _is_host_process(container.security):
            errors.append(in_security(container, "windowsOptions", "hostProcess", bad=True))
    return (
        Violation("hostProcess", tuple(errors), quoted(e.container for e in errors if e.in_container))
        if errors
        else None
    )


def _is_host_process(security: dict[str, Value]) -> bool:
    return (security.get("windowsOptions") or {}).get("hostProcess") is True
