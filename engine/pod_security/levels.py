"""Which checks hold at a level and version (upstream: evaluatePSS in pkg/pss/evaluate.go over pod-security-admission).

Upstream takes the first variant of a check even where the version is older than it, and has the feature of relaxing
checks for pods in user namespaces switched off. A level that is not ``baseline`` runs every check.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, partial
from typing import TypeAlias

from msgspec import Struct

from engine.pod_security import checks_host as host
from engine.pod_security import checks_privilege as privilege
from engine.pod_security import checks_profile as profile
from engine.pod_security.finding import Violation
from engine.pod_security.pod import Pod
from engine.regex import later

CheckPod: TypeAlias = Callable[[Pod], Violation | None]

_VERSION = later(r"v1\.([0-9]|[1-9][0-9]{1,9})\Z", re.ASCII)
_LATEST = 1 << 40


class Check(Struct, frozen=True):
    """A check and its variants, each with the minor version since which it holds."""

    id: str
    control: str
    baseline: bool
    variants: tuple[tuple[int, CheckPod], ...]


CHECKS = (
    Check(
        "allowPrivilegeEscalation",
        "Privilege Escalation",
        False,
        (
            (8, privilege.allow_privilege_escalation),
            (25, privilege.except_windows(privilege.allow_privilege_escalation)),
        ),
    ),
    Check("appArmorProfile", "AppArmor", True, ((0, profile.app_armor),)),
    Check("capabilities_baseline", "Capabilities", True, ((0, privilege.capabilities_baseline),)),
    Check(
        "capabilities_restricted",
        "Capabilities",
        False,
        (
            (22, privilege.capabilities_restricted),
            (25, privilege.except_windows(privilege.capabilities_restricted)),
        ),
    ),
    Check("hostNamespaces", "Host Namespaces", True, ((0, host.host_namespaces),)),
    Check("hostPathVolumes", "HostPath Volumes", True, ((0, host.host_path_volumes),)),
    Check("hostPorts", "Host Ports", True, ((0, host.host_ports),)),
    Check("hostProbesAndHostLifecycle", "", True, ((34, host.host_probes),)),
    Check("privileged", "Privileged Containers", True, ((0, privilege.privileged),)),
    Check("procMount", "/proc Mount Type", True, ((0, privilege.proc_mount),)),
    Check("restrictedVolumes", "Volume Types", False, ((0, host.restricted_volumes),)),
    Check("runAsNonRoot", "Running as Non-root", False, ((0, privilege.run_as_non_root),)),
    Check("runAsUser", "Running as Non-root user", False, ((23, privilege.run_as_user),)),
    Check(
        "seLinuxOptions",
        "SELinux",
        True,
        (
            (0, partial(profile.selinux, types=profile.SELINUX_0)),
            (31, partial(profile.selinux, types=profile.SELINUX_31)),
        ),
    ),
    Check(
        "seccompProfile_baseline",
        "Seccomp",
        True,
        ((0, profile.seccomp_annotations), (19, profile.seccomp_baseline)),
    ),
    Check(
        "seccompProfile_restricted",
        "Seccomp",
        False,
        ((19, profile.seccomp_restricted), (25, privilege.except_windows(profile.seccomp_restricted))),
    ),
    Check(
        "sysctls",
        "Sysctls",
        True,
        (
            (0, partial(host.sysctls, allowed=host.SYSCTLS_0)),
            (27, partial(host.sysctls, allowed=host.SYSCTLS_27)),
            (29, partial(host.sysctls, allowed=host.SYSCTLS_29)),
            (32, partial(host.sysctls, allowed=host.SYSCTLS_32)),
        ),
    ),
    Check("windowsHostProcess", "HostProcess", True, ((0, privilege.windows_host_process),)),
)
"""In the order in which upstream's package registers and so reports them."""


class Level(Struct, frozen=True):
    """A level at a version: the checks that hold, in the order of their violations."""

    checks: tuple[tuple[Check, CheckPod], ...]

    def of_control(self, control: str) -> Level:
        """The checks of one control alone."""
        return Level(tuple(held for held in self.checks if held[0].control == control))

    def evaluate(self, pod: Pod) -> tuple[tuple[Check, Violation], ...]:
        """The violations of a pod, with their checks."""
        found = []
        for check, check_pod in self.checks:
            violation = check_pod(pod)
            if violation is not None:
                found.append((check, violation))
        return tuple(found)


def parse_version(text: str) -> int:
    """The minor version that a policy names; ValueError with the reference's text where it names none."""
    if text in ("", "latest"):
        return _LATEST
    match = _VERSION.match(text)
    if match is None:
        raise ValueError('must be "latest" or "v1.x"')
    return int(match.group(1))


@cache
def level(name: str, minor: int) -> Level:
    """The checks of a level at a minor version of Kubernetes."""
    wanted = (check for check in CHECKS if check.baseline or name != "baseline")
    return Level(tuple((check, _variant(check, minor)) for check in wanted))


def _variant(check: Check, minor: int) -> CheckPod:
    selected = check.variants[0][1]
    for since, check_pod in check.variants[1:]:
        if minor >= since:
            selected = check_pod
    return selected
