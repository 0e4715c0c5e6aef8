"""JSON for programs, and the List of PolicyReports."""

from __future__ import annotations

import json

from bot.formats import json as judgement_json
from bot.formats import policyreport
from bot.model import Verdict
from tests.bot.judgements import finding, judgement, report


def test_the_list_is_what_kubectl_prints() -> None:
    text = policyreport.text(judgement())
    value = json.loads(text)
    assert list(value) == ["apiVersion", "items", "kind", "metadata"]
    assert (value["apiVersion"], value["kind"], value["metadata"]) == ("v1", "List", {"resourceVersion": ""})
    assert value["items"] == [report()]
    assert text.startswith('{\n    "apiVersion": "v1",\n    "items": [\n        {\n            "apiVersion"')


def test_an_empty_list() -> None:
    assert json.loads(policyreport.text(judgement(reports=())))["items"] == []


def test_the_judgement_as_values() -> None:
    value = json.loads(judgement_json.text(judgement()))
    assert (value["conclusion"], value["exit_code"], value["reference"]) == ("failure", 1, "Kyverno 1.19.0")
    assert value["tally"] == {"blocked": 1, "error": 0, "failing": 1, "warning": 0, "existing": 1, "passing": 14}
    assert [found["verdict"] for found in value["findings"]] == ["existing", "failing", "blocked"]
    assert value["findings"][2]["lines"] == {"first": 1, "last": 20}
    assert value["rows"][0]["operation"] == "CREATE"


def test_odd_characters_are_no_hindrance() -> None:
    text = judgement_json.text(judgement(findings=(finding(message="\ud800\u202eü", verdict=Verdict.ERROR),)))
    assert text.isascii()
    assert json.loads(text)["findings"][0]["message"] == "\ud800\u202eü"
