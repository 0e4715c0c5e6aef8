"""What we ship to run the service: judged by preadmit itself, and complete."""

from __future__ import annotations

import re
from collections.abc import Iterator
from configparser import RawConfigParser
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.settings import read
from tests.e2e.command import run

ROOT = Path(__file__).parents[2]
MANIFESTS = ROOT / "deploy/kubernetes"
POLICIES = ROOT / "tests/cases/deploy_policies.yaml"
KEY = "-----BEGIN RSA PRIVATE KEY-----\n"


def _resources() -> dict[str, Any]:
    names = yaml.safe_load((MANIFESTS / "kustomization.yaml").read_text())["resources"]
    found = [yaml.safe_load((MANIFESTS / name).read_text()) for name in names]
    return {resource["kind"]: resource for resource in found}


def test_our_manifests_fulfil_the_restricted_standard() -> None:
    done = run("apply", str(POLICIES), "--resource", str(MANIFESTS / "deployment.yaml"))
    assert (done.code, done.lines[-1]) == (0, "pass: 2, fail: 0, warn: 0, error: 0, skip: 0 "), done.output


@pytest.mark.parametrize(
    ("old", "new"), [("readOnlyRootFilesystem: true", "readOnlyRootFilesystem: false"), ("runAsNonRoot: true", "x: 1")]
)
def test_the_policies_would_notice(tmp_path: Path, old: str, new: str) -> None:
    text = (MANIFESTS / "deployment.yaml").read_text()
    assert old in text
    (tmp_path / "deployment.yaml").write_text(text.replace(old, new))
    assert run("apply", str(POLICIES), "--resource", str(tmp_path / "deployment.yaml")).code == 1


def test_the_kustomization_names_every_manifest() -> None:
    named = yaml.safe_load((MANIFESTS / "kustomization.yaml").read_text())["resources"]
    assert sorted(named) == sorted(file.name for file in MANIFESTS.glob("*.yaml") if file.name != "kustomization.yaml")


def test_the_manifests_belong_together() -> None:
    found = _resources()
    deployment = found["Deployment"]["spec"]
    labels = deployment["template"]["metadata"]["labels"]
    for selector in (
        found["Service"]["spec"]["selector"],
        found["NetworkPolicy"]["spec"]["podSelector"]["matchLabels"],
        found["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"],
        deployment["selector"]["matchLabels"],
    ):
        assert selector.items() <= labels.items()
    assert deployment["replicas"] > found["PodDisruptionBudget"]["spec"]["minAvailable"]
    grace = int(found["ConfigMap"]["data"]["PREADMIT_GRACE_SECONDS"])
    assert grace < deployment["template"]["spec"]["terminationGracePeriodSeconds"]
    assert {r["metadata"].get("namespace", "preadmit") for r in found.values()} == {"preadmit"}


def test_every_variable_that_is_set_is_one_that_is_known() -> None:
    known = set(re.findall(r"\b(?:PREADMIT_\w+|GITHUB_API_URL|PORT)\b", (ROOT / "docs/APP.md").read_text()))
    used = "".join(file.read_text() for file in (ROOT / "deploy").rglob("*") if file.is_file())
    assert set(re.findall(r"\bPREADMIT_\w+", used)) <= known


def test_the_unit_can_be_read_and_starts_the_service() -> None:
    unit = RawConfigParser(strict=False, delimiters=("=",))
    unit.optionxform = str  # type: ignore[assignment,method-assign]  # systemd's names have case
    unit.read_string((ROOT / "deploy/systemd/preadmit.service").read_text())
    assert unit["Service"]["ExecStart"] == "/opt/preadmit/bin/preadmit serve"
    assert unit["Service"]["ProtectSystem"] == "strict"


def test_the_compose_file_exposes_nothing_but_the_webhook_to_this_machine() -> None:
    services = yaml.safe_load((ROOT / "deploy/compose.yaml").read_text())["services"]
    assert services["preadmit"]["ports"] == ["127.0.0.1:8080:8080"]
    assert "ports" not in services["postgres"]
    assert services["preadmit"]["read_only"]
    assert services["preadmit"]["cap_drop"] == ["ALL"]


def _compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "deploy/compose.yaml").read_text())
    return found


def _unit() -> dict[str, str]:
    """The unit's section of the service, with its environment."""
    lines = (ROOT / "deploy/systemd/preadmit.service").read_text().splitlines()
    pairs = [line.partition("=") for line in lines if "=" in line and not line.startswith("#")]
    found = {name: value for name, _, value in pairs if name != "Environment"}
    return found | dict(value.split("=", 1) for name, _, value in pairs if name == "Environment")


def test_what_the_compose_file_names_is_there() -> None:
    compose = _compose()
    used: dict[str, set[str]] = {"secrets": set(), "networks": set(), "volumes": set()}
    for service in compose["services"].values():
        assert service["restart"] == "unless-stopped"
        assert "no-new-privileges:true" in service["security_opt"]
        for kind in used:
            used[kind] |= {one.partition(":")[0] for one in service[kind]}
        for other, condition in service.get("depends_on", {}).items():
            assert condition == {"condition": "service_healthy"}
            assert compose["services"][other]["healthcheck"]["test"][0] == "CMD"
    assert {kind: set(compose[kind]) for kind in used} == used
    assert "HEALTHCHECK" in (ROOT / "Dockerfile").read_text()  # that of the service itself
    ours = compose["services"]["preadmit"]
    assert int(ours["environment"]["PREADMIT_GRACE_SECONDS"]) < int(ours["stop_grace_period"].removesuffix("s"))


def test_the_unit_stops_later_than_the_service_has_grace() -> None:
    assert int(_unit()["PREADMIT_GRACE_SECONDS"]) < int(_unit()["TimeoutStopSec"])


def _mebibytes(size: str) -> int:
    return int(size[:-1].rstrip("Gi")) * 1024 if "g" in size.lower() else int(size.rstrip("Mim"))


def _sizes() -> Iterator[tuple[str, dict[str, str]]]:
    """The memory that each way to run it has, and its settings."""
    kubernetes = _resources()
    (container,) = kubernetes["Deployment"]["spec"]["template"]["spec"]["containers"]
    yield container["resources"]["limits"]["memory"], kubernetes["ConfigMap"]["data"]
    ours = _compose()["services"]["preadmit"]
    yield ours["mem_limit"], ours["environment"]
    yield _unit()["MemoryMax"], _unit()


def test_what_is_judged_at_the_same_time_fits_into_the_memory() -> None:
    """Otherwise what one pull request needs would end the service, and not its own judgement."""
    for memory, settings in _sizes():
        most = int(settings["PREADMIT_THREADS"]) * int(settings["PREADMIT_EVALUATION_MEGABYTES"])
        assert most + 384 <= _mebibytes(memory)


def test_a_pod_takes_deliveries_until_nobody_sends_it_any() -> None:
    """Services forget a pod some seconds after it is told to stop: it goes on for as long, and has grace besides."""
    found = _resources()
    pod = found["Deployment"]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    pause = container["lifecycle"]["preStop"]["sleep"]["seconds"]
    grace = int(found["ConfigMap"]["data"]["PREADMIT_GRACE_SECONDS"])
    assert pause + grace < pod["terminationGracePeriodSeconds"]
    assert {one["name"] for one in pod["volumes"]} == {one["name"] for one in container["volumeMounts"]}


def test_the_kustomization_is_one_and_means_our_image() -> None:
    found = yaml.safe_load((MANIFESTS / "kustomization.yaml").read_text())
    assert (found["apiVersion"], found["kind"]) == ("kustomize.config.k8s.io/v1beta1", "Kustomization")
    assert set(found) == {"apiVersion", "kind", "namespace", "labels", "resources", "images"}
    (image,) = found["images"]
    (container,) = _resources()["Deployment"]["spec"]["template"]["spec"]["containers"]
    assert container["image"] == f"{image['name']}:{image['newTag']}" == _compose()["services"]["preadmit"]["image"]


def test_two_webhook_secrets_hold_while_one_is_replaced() -> None:
    settings = {"PREADMIT_APP_ID": "1", "PREADMIT_PRIVATE_KEY": KEY, "PREADMIT_WEBHOOK_SECRET": "new"}
    assert read(settings).webhook_secrets == ("new",)
    assert read(settings | {"PREADMIT_WEBHOOK_SECRET_OLD": "old"}).webhook_secrets == ("new", "old")
