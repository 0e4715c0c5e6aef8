"""``--generate-exceptions``: a PolicyException for each violation (upstream: apply/print.go, printException)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator

from bot.dropin.counts import Warnings
from bot.dropin.merged_report import reports
from bot.dropin.run import Asked
from engine.model import Value
from engine.values import duration

_TAG_OR_DIGEST = re.compile(r":.*|@.*")
_AUTOGEN, _CRONJOB = "autogen-", "autogen-cronjob-"


def make(answers: Iterable[Asked], warnings: Warnings, ttl: int) -> Iterator[dict[str, Value]]:
    """An exception for each failing row of the merged report; ``ttl`` is in nanoseconds, 0 for none."""
    for report in reports(answers, warnings, 0):
        if report["kind"] == "ClusterReport":
            for row in report["results"]:
                if row["result"] == "fail":
                    yield from (_exception(row, subject, ttl) for subject in row["resources"])


def _exception(row: dict[str, Value], subject: dict[str, str], ttl: int) -> dict[str, Value]:
    rule, namespace = row.get("rule", ""), subject.get("namespace", "")
    kinds, names, rules = [subject["kind"]], [subject["name"]], [rule]
    if rule.startswith(_AUTOGEN):
        if subject["kind"] == "CronJob":
            kinds.append("Job")
            rules.append(rule.replace(_CRONJOB, _AUTOGEN))
        kinds.append("Pod")
        rules.append(rule.removeprefix(_CRONJOB if subject["kind"] == "CronJob" else _AUTOGEN))
        names.append(f"{subject['name']}-*")
    metadata: dict[str, Value] = {"name": "-".join((row["policy"], rule, namespace, subject["name"]))}
    if ttl > 0:
        metadata["labels"] = {"cleanup.kyverno.io/ttl": duration.format(ttl)}
    resources = {"kinds": kinds, "names": names, "namespaces": [namespace]}
    spec: dict[str, Value] = {
        "match": {"all": [{"resources": resources}]},
        "exceptions": [{"policyName": row["policy"], "ruleNames": rules}],
    }
    controls = row["properties"].get("controlsJSON")
    if controls:
        spec["podSecurity"] = [_control(control) for control in json.loads(controls)]
    return {"kind": "PolicyException", "apiVersion": "kyverno.io/v2beta1", "metadata": metadata, "spec": spec}


def _control(control: dict[str, Value]) -> dict[str, Value]:
    found: dict[str, Value] = {"controlName": control["Name"]}
    if control["Images"] is not None:
        found["images"] = [_TAG_OR_DIGEST.sub("*", image, count=1) for image in control["Images"]]
    return found
