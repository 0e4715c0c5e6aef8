"""Which changes are judged, and as which admission operation."""

from __future__ import annotations

import json
from pathlib import Path
from textwrap import dedent

import pytest
import yaml

from tests.bot.git_repository import Repository
from tests.e2e.command import Made, check, judged
from tests.e2e.shop import BASE, deployment, line_of, policy, workshop

DENY_DELETE = """\
match: {any: [{resources: {kinds: [Deployment], operations: [DELETE]}}]}
validate:
  message: "{{request.oldObject.metadata.name}} is kept"
  deny: {conditions: {all: [{key: "{{request.operation}}", operator: Equals, value: DELETE}]}}
"""


def deny_delete() -> str:
    """A policy that denies the deletion of Deployments."""
    lines = policy("keep", DENY_DELETE).splitlines(keepends=True)
    return "".join(line for line in lines if "match: {any: [{resources: {kinds: [Deployment]}}]}" not in line)


def test_a_deletion_is_denied_at_the_line_of_the_base(make: Made) -> None:
    base = {
        **BASE,
        "shop/two.yaml": f"{deployment('one')}---\n{deployment('two')}",
        "policies/keep.yaml": deny_delete(),
    }
    repository = make(base, {"shop/two.yaml": deployment("one")})
    done = check(repository)
    assert done.code == 1
    assert done.lines[1] == "Deployment default/two: [keep-rule] fail (blocked); two is kept"
    (finding,) = judged(repository)["findings"]
    assert (finding["operation"], finding["line"]) == ("DELETE", line_of(str(base["shop/two.yaml"]), "name: two") - 3)
    assert judged(repository)["reports"] == []


def test_a_deleted_file_deletes_its_resources(make: Made) -> None:
    def remove(repository: Repository) -> None:
        (repository.path / "shop/orders.yaml").unlink()

    repository = make({**BASE, "policies/keep.yaml": deny_delete()}, remove)
    assert judged(repository)["events"] == ["Deployment default/orders: [keep-rule] fail (blocked); orders is kept"]


def test_a_moved_file_is_neither_deleted_nor_created(make: Made) -> None:
    def move(repository: Repository) -> None:
        repository.git("mv", "shop/orders.yaml", "shop/catalog.yaml", "README.md", check=False)
        (repository.path / "moved").mkdir()
        repository.git("mv", "shop/orders.yaml", "moved/orders.yaml")
        repository.git("mv", "shop/catalog.yaml", "moved/catalog.yaml")

    repository = make({**BASE, **workshop(strict=True), "policies/keep.yaml": deny_delete()}, move)
    found = judged(repository)
    assert (found["exit_code"], found["resources"], found["findings"]) == (0, 0, [])


def test_a_file_moved_and_edited_is_an_update(make: Made) -> None:
    edited = str(BASE["shop/catalog.yaml"]).replace("replicas: 1", "replicas: 5")

    def move(repository: Repository) -> None:
        (repository.path / "shop/catalog.yaml").unlink()
        repository.write({"apps/catalog.yaml": edited})

    found = judged(make({**BASE, **workshop(strict=False), "policies/keep.yaml": deny_delete()}, move))
    assert [(row["operation"], row["file"]) for row in found["rows"]] == [("UPDATE", "apps/catalog.yaml")]
    assert [one["verdict"] for one in found["findings"]] == ["existing"]


def test_overlays_repeat_an_identity_and_each_is_judged_in_its_file(make: Made) -> None:
    base = {**workshop(strict=True), "prod/web.yaml": deployment("web"), "dev/web.yaml": deployment("web")}
    change = {"prod/web.yaml": deployment("web", image="nginx"), "dev/web.yaml": deployment("web", labels="team: a")}
    found = judged(make(base, change))
    assert [(one["file"], one["verdict"]) for one in found["findings"]] == [
        ("dev/web.yaml", "failing"), ("prod/web.yaml", "blocked"),
    ]  # fmt: skip
    assert [row["operation"] for row in found["rows"]] == ["UPDATE", "UPDATE"]
    assert len({row["report"] for row in found["rows"]}) == 2
    assert found["unjudged"] == found["problems"] == []


def test_items_of_a_list_are_judged_one_by_one(make: Made) -> None:
    items = [deployment("one"), deployment("two", image="nginx")]
    listed = "apiVersion: v1\nkind: List\nitems:\n" + "".join(
        "- " + item.replace("\n", "\n  ").rstrip(" ") for item in items
    )
    found = judged(make(workshop(strict=True), {"shop/all.yaml": listed}))
    (finding,) = found["findings"]
    assert (finding["name"], finding["line"]) == ("two", line_of(listed, "image: nginx"))
    assert [(row["name"], row["line"]) for row in found["rows"]] == [
        ("one", 4),
        ("two", line_of(listed, "name: two") - 3),
    ]


def test_json_manifests_have_lines_too(make: Made) -> None:
    value = yaml.safe_load(deployment("web", image="nginx"))
    pretty, flat = json.dumps(value, indent=2), json.dumps({**value, "metadata": {"name": "flat"}})
    found = judged(make(workshop(strict=True), {"shop/web.json": pretty, "shop/flat.json": flat}))
    lines = {one["name"]: one["line"] for one in found["findings"]}
    assert lines == {"web": line_of(pretty, '"image": "nginx"'), "flat": 1}


def test_a_mutation_is_offered_as_a_suggestion_and_validation_sees_it(make: Made) -> None:
    mutate = "mutate: {patchStrategicMerge: {spec: {template: {metadata: {labels: {+(CostCenter): IT}}}}}}\n"
    change = {"shop/web.yaml": deployment("web", labels="team: a")}
    repository = make({**workshop(strict=True), "policies/add.yaml": policy("add-label", mutate)}, change)
    found = judged(repository)
    (finding,) = found["findings"]
    text = str(change["shop/web.yaml"])
    last = line_of(text, "team: a")
    assert (finding["verdict"], finding["line"]) == ("suggestion", line_of(text, "      labels:"))
    assert finding["suggestion"] == {
        "first_line": last, "last_line": last, "text": "        team: a\n        CostCenter: IT",
    }  # fmt: skip
    assert found["rows"][0]["failed"] == 0


def test_an_exception_of_the_base_skips_the_rule(make: Made) -> None:
    exception = """\
        apiVersion: kyverno.io/v2
        kind: PolicyException
        metadata: {name: let-nginx, namespace: default}
        spec:
          exceptions: [{policyName: restrict-image-registries, ruleNames: [validate-registries]}]
          match: {any: [{resources: {kinds: [Deployment], names: [nginx*]}}]}
        """
    change = {
        "shop/web.yaml": deployment("nginx-web", image="nginx"),
        "shop/api.yaml": deployment("api", image="nginx"),
    }
    base = {**workshop(strict=True), "exceptions/nginx.yaml": dedent(exception)}
    found = judged(make(base, change))
    assert [one["name"] for one in found["findings"]] == ["api"]
    assert {row["name"]: row["skipped"] for row in found["rows"]} == {"api": 0, "nginx-web": 1}
    smuggled = judged(make(workshop(strict=True), {**change, "exceptions/nginx.yaml": dedent(exception)}))
    assert {one["name"] for one in smuggled["findings"]} == {"api", "nginx-web"}
    assert "policy-change" in [problem["code"] for problem in smuggled["problems"]]


SELECTED = "match: {any: [{resources: {kinds: [Deployment], namespaceSelector: {matchLabels: {zone: red}}}}]}\n"
DENY_ALL = "validate: {message: never, deny: {}}\n"


def selected(name: str) -> str:
    """A policy for Deployments in namespaces of the red zone."""
    return policy(name, SELECTED + DENY_ALL).replace("      match: {any: [{resources: {kinds: [Deployment]}}]}\n", "")


def test_labels_of_namespaces_come_from_the_base(make: Made) -> None:
    spaces = "".join(
        f"apiVersion: v1\nkind: Namespace\nmetadata: {{name: {name}, labels: {{zone: {name}}}}}\n---\n"
        for name in ("red", "green")
    )
    change = {f"shop/{name}.yaml": _in_namespace(name) for name in ("red", "green", "blue")}
    base = {"policies/red.yaml": selected("red-only"), "spaces.yaml": spaces}
    found = judged(make(base, {**change, "spaces.yaml": spaces.replace("zone: green", "zone: red")}))
    assert [one["name"] for one in found["findings"]] == ["red"]


def _in_namespace(namespace: str) -> str:
    return deployment(namespace).replace("metadata:\n", f"metadata:\n  namespace: {namespace}\n", 1)


def test_a_context_reads_config_maps_of_the_base(make: Made) -> None:
    rule = """\
        context:
          - {name: allowed, configMap: {name: registries, namespace: default}}
          - {name: used, variable: {jmesPath: "images.containers.*.registry"}}
        validate:
          message: "{{ allowed.data.registry }} only"
          deny:
            conditions:
              all: [{key: "{{ used }}", operator: AnyNotIn, value: ["{{ allowed.data.registry }}"]}]
        """
    config_map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: registries}\ndata: {registry: ghcr.io}\n"
    base = {"policies/registry.yaml": policy("registry", rule), "config/registries.yaml": config_map}
    change = {
        "shop/a.yaml": deployment("a", image="ghcr.io/a:1"),
        "shop/b.yaml": deployment("b", image="quay.io/b:1"),
        "config/registries.yaml": config_map.replace("ghcr.io", "quay.io"),
    }
    assert judged(make(base, change))["events"] == [
        "Deployment default/b: [registry-rule] fail (blocked); ghcr.io only"
    ]


def test_a_namespaced_policy_sees_its_namespace_only(make: Made) -> None:
    text = (
        policy("own", DENY_ALL)
        .replace("ClusterPolicy", "Policy")
        .replace("name: own\n", "name: own\n  namespace: red\n", 1)
    )
    found = judged(make({"p.yaml": text}, {f"{name}.yaml": _in_namespace(name) for name in ("red", "green")}))
    assert [(one["policy"], one["name"]) for one in found["findings"]] == [("red/own", "red")]


def test_policies_of_the_change_judge_nothing_yet_and_that_is_said(make: Made) -> None:
    weaker = str(workshop(strict=True)["policies/registries.yaml"]).replace("Enforce", "Audit")
    change = {
        "policies/registries.yaml": weaker,
        "policies/new.yaml": policy("new", DENY_ALL),
        "shop/web.yaml": deployment("web", image="nginx"),
    }
    repository = make({**BASE, **workshop(strict=True)}, change)
    found = judged(repository)
    assert [one["verdict"] for one in found["findings"]] == ["blocked"]
    told = [(one["file"], one["line"]) for one in found["problems"] if one["code"] == "policy-change"]
    assert told == [("policies/new.yaml", 1), ("policies/registries.yaml", 1)]
    assert "judged by the policies of the base" in check(repository).stdout


def test_no_policies_at_all_is_green_and_says_how_to_begin(make: Made) -> None:
    done = check(make(BASE, {"shop/web.yaml": deployment("web")}))
    assert (done.code, done.title) == (0, "no policies")
    assert "main has no Kyverno policies." in done.stdout


@pytest.mark.parametrize("change", [{"README.md": "New words\n", "src/main.py": "x = 1\n"}, {}])
def test_a_change_without_manifests_is_green(make: Made, change: dict[str, str | bytes]) -> None:
    done = check(make({**BASE, **workshop(strict=True)}, change))
    assert (done.code, done.title) == (0, "no manifests changed; 3 policies")


@pytest.mark.parametrize("own", [".github/preadmit.yml", ".github/preadmit.yaml"])
def test_a_repository_may_choose_to_report_only(make: Made, own: str) -> None:
    change = {"shop/web.yaml": deployment("web", image="nginx")}
    repository = make({**workshop(strict=True), own: "enforce: report\n"}, change)
    done = check(repository)
    assert done.code == 0
    assert "the configuration says to report that only" in done.stdout
    assert judged(repository)["findings"][0]["verdict"] == "blocked"


@pytest.mark.parametrize(("comments", "count"), [("all", 2), ("blocked", 1), ("none", 0)])
def test_a_repository_chooses_its_comments(make: Made, tmp_path: Path, comments: str, count: int) -> None:
    change = {"shop/web.yaml": deployment("web", image="nginx", labels="team: a")}
    repository = make({**workshop(strict=True), ".github/preadmit.yml": f"comments: {comments}\n"}, change)
    check(repository, "--out", str(tmp_path / "out"))
    assert len(json.loads((tmp_path / "out/review.json").read_text())["comments"]) == count


def test_globs_choose_policies_manifests_and_exceptions(make: Made) -> None:
    config = "policies: [policies/]\nmanifests: ['**', '!drafts/']\nnamespace: shop\n"
    base = {".github/preadmit.yml": config, **workshop(strict=True), "samples/deny.yaml": policy("deny", DENY_ALL)}
    change = {"shop/a.yaml": deployment("a", image="nginx"), "drafts/b.yaml": deployment("b", image="nginx")}
    found = judged(make(base, change))
    assert found["policies"] == 3
    assert [(one["name"], one["namespace"], one["policy"]) for one in found["findings"]] == [
        ("a", "shop", "restrict-image-registries")
    ]


VALUES = """\
apiVersion: cli.kyverno.io/v1alpha1
kind: Values
metadata: {name: values}
globalValues: {place.data.region: eu, request.operation: DELETE}
policies:
  - name: regional
    resources: [{name: special, values: {place.data.region: us}}]
    rules: [{name: regional-rule, values: {staff.data.owner: payments}}]
namespaceSelector:
  - {name: green, labels: {zone: red}}
"""

REGIONAL = """\
context:
  - {name: place, configMap: {name: place, namespace: default}}
  - {name: staff, configMap: {name: staff, namespace: default}}
validate:
  message: "{{ request.operation }} in {{ place.data.region }} by {{ staff.data.owner }}"
  deny: {}
"""


def test_a_values_file_supplies_what_only_a_cluster_knows(make: Made) -> None:
    config = {".github/preadmit.yml": "values: ci/values.yaml\n", "ci/values.yaml": VALUES}
    base = {**config, "p/regional.yaml": policy("regional", REGIONAL, kind="ConfigMap"), "p/red.yaml": selected("red")}
    config_map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: NAME}\n"
    change = {f"c/{name}.yaml": config_map.replace("NAME", name) for name in ("plain", "special")}
    found = judged(make(base, {**change, "shop/green.yaml": _in_namespace("green")}))
    assert found["events"] == [
        "ConfigMap default/plain: [regional-rule] fail (blocked); CREATE in eu by payments",
        "ConfigMap default/special: [regional-rule] fail (blocked); CREATE in us by payments",
        "Deployment green/green: [red-rule] fail (blocked); never",
    ]
    assert found["unjudged"] == found["problems"] == []


@pytest.mark.parametrize(
    ("text", "where", "message"),
    [
        (None, ".github/preadmit.yml", "the values file ci/values.yaml is no file of main"),
        ("kind: [", "ci/values.yaml:2", "flow node"),
        ("apiVersion: cli.kyverno.io/v1alpha1\nkind: Values\nglobal: {}\n", "ci/values.yaml:1", 'field "global"'),
    ],
)
def test_a_values_file_that_cannot_be_read_forbids_a_green_check(
    make: Made, text: str | None, where: str, message: str
) -> None:
    named = {".github/preadmit.yml": "values: ci/values.yaml\n", **({"ci/values.yaml": text} if text else {})}
    done = check(make({**BASE, **workshop(strict=True), **named}, {"shop/a.yaml": deployment("a")}))
    assert done.code == 2
    (line,) = [line for line in done.lines if "not judged:" in line]
    assert line.startswith(f"{where}: not judged: ")
    assert message in line.lower() or message in line
