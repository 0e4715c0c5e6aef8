"""What the files of a repository are, by place and by content."""

from __future__ import annotations

import pytest

from bot.build.plain import What, classify, wanted

POD = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\n"
POLICY = "apiVersion: kyverno.io/v1\nkind: ClusterPolicy\nmetadata:\n  name: a\n"


def what(path: str, files: dict[str, str]) -> What:
    return classify([path], list(files), lambda name: files[name].encode())[path].what


@pytest.mark.parametrize(
    ("path", "content", "expected"),
    [
        ("pod.yaml", POD, What.MANIFEST),
        ("pod.json", '{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}}', What.MANIFEST),
        ("list.yaml", "apiVersion: v1\nkind: List\nitems: []", What.MANIFEST),
        ("p.yaml", POLICY, What.POLICY),
        ("both.yaml", f"{POLICY}---\n{POD}", What.MANIFEST),
        ("e.yaml", POLICY.replace("ClusterPolicy", "PolicyException"), What.POLICY),
        ("k.yaml", "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Component\n", What.KUSTOMIZATION),
        ("x/kustomization.yml", "resources: []", What.KUSTOMIZATION),
        (".github/workflows/ci.yml", "on: push\njobs: {}", What.CI),
        (".github/dependabot.yml", "version: 2", What.CI),
        (".github/cluster/pod.yaml", POD, What.MANIFEST),
        (".gitlab-ci.yml", "a: {script: [b]}", What.CI),
        ("docker-compose.prod.yml", "services: {a: {image: b}}", What.COMPOSE),
        ("stack.yml", "services: {a: {image: b}}", What.COMPOSE),
        ("compose-deployment.yaml", POD, What.MANIFEST),
        (
            "t/kyverno-test.yaml",
            "apiVersion: cli.kyverno.io/v1alpha1\nkind: Test\nmetadata: {name: a}",
            What.KYVERNO_TEST,
        ),
        ("t/values.yaml", "apiVersion: cli.kyverno.io/v1alpha1\nkind: Values\nmetadata: {name: a}", What.KYVERNO_TEST),
        ("package.json", '{"name": "a"}', What.TOOL),
        ("api.yaml", "openapi: 3.1.0\npaths: {}", What.OPENAPI),
        ("kubeconfig.yaml", "apiVersion: v1\nkind: Config\nclusters: []\ncontexts: []\nmetadata: {}", What.KUBECONFIG),
        ("kind.yaml", "kind: Cluster\napiVersion: kind.x-k8s.io/v1alpha4\nnodes: []", What.TOOL),
        ("skaffold.yaml", "apiVersion: skaffold/v3\nkind: Config\nmetadata: {name: a}", What.TOOL),
        ("kubelet.yaml", "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n", What.TOOL),
        ("chainsaw-test.yaml", "apiVersion: chainsaw.kyverno.io/v1alpha1\nkind: Test\nmetadata: {name: a}", What.TOOL),
        ("bare.yaml", "apiVersion: v1\nkind: Pod\nspec: {}", What.MANIFEST),
        ("half.yaml", "kind: Pod\nmetadata: {name: a}", What.MANIFEST),
        ("app.yaml", "port: 80\nkind: none", What.NO_MANIFEST),
        ("data.json", "[1, 2]", What.NO_MANIFEST),
        ("empty.yaml", "# nothing", What.NO_MANIFEST),
        ("broken.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: [\n", What.MANIFEST),
        ("broken-too.yaml", "a: [\n", What.NO_MANIFEST),
        ("template.yaml", "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .Values.name }}\n", What.MANIFEST),
    ],
)
def test_a_file_alone(path: str, content: str, expected: What) -> None:
    assert what(path, {path: content}) is expected


def test_charts() -> None:
    files = {
        "c/Chart.yaml": "apiVersion: v2\nname: c",
        "c/values.yaml": "image: {}",
        "c/values-prod.yaml": "kind: x",
        "c/templates/a.yaml": "{{ if }}",
        "c/templates/tests/b.yaml": POD,
        "c/crds/d.yaml": "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: a}",
        "c/charts/sub/Chart.yaml": "name: sub",
        "c/charts/sub/templates/a.yaml": "{{ x }}",
        "templates/a.yaml": POD,
        "c/values-pod.yaml": POD,
    }
    found = classify(list(files), list(files), lambda path: files[path].encode())
    assert {path: one.what for path, one in found.items()} == {
        "c/Chart.yaml": What.HELM_CHART,
        "c/values.yaml": What.HELM_VALUES,
        "c/values-prod.yaml": What.HELM_VALUES,
        "c/templates/a.yaml": What.HELM_TEMPLATE,
        "c/templates/tests/b.yaml": What.HELM_TEMPLATE,
        "c/crds/d.yaml": What.MANIFEST,
        "c/charts/sub/Chart.yaml": What.HELM_CHART,
        "c/charts/sub/templates/a.yaml": What.HELM_TEMPLATE,
        "templates/a.yaml": What.MANIFEST,
        "c/values-pod.yaml": What.MANIFEST,
    }
    assert "c/charts/sub" in found["c/charts/sub/templates/a.yaml"].why


KUSTOMIZATION = """\
resources: [deploy.yaml, both.yaml, ../base, https://example.com/x.yaml]
patches:
- path: patches/a.yaml
- patch: |-
    - op: remove
- path: both.yaml
patchesStrategicMerge:
- patches/b.yaml
- |-
  apiVersion: v1
patchesJson6902:
- {path: patches/c.json, target: {}}
replacements: [{path: replace.yaml}]
transformers: [label.yaml]
configMapGenerator:
- {name: a, files: [app.yaml, key=./conf/b.yaml], envs: [x.env]}
helmCharts: [{valuesFile: v.yaml}]
"""


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("o/patches/a.yaml", What.PATCH),
        ("o/patches/b.yaml", What.PATCH),
        ("o/patches/c.json", What.PATCH),
        ("o/replace.yaml", What.PATCH),
        ("o/label.yaml", What.KUSTOMIZE_INPUT),
        ("o/app.yaml", What.KUSTOMIZE_INPUT),
        ("o/conf/b.yaml", What.KUSTOMIZE_INPUT),
        ("o/v.yaml", What.HELM_VALUES),
        ("o/deploy.yaml", What.MANIFEST),
        ("o/both.yaml", What.MANIFEST),
        ("o/other.yaml", What.MANIFEST),
        ("a.yaml", What.MANIFEST),
    ],
)
def test_what_a_kustomization_names(path: str, expected: What) -> None:
    assert what(path, {"o/kustomization.yaml": KUSTOMIZATION, path: POD}) is expected


def test_a_broken_kustomization_names_nothing() -> None:
    assert what("a.yaml", {"kustomization.yaml": "patches: [", "a.yaml": POD}) is What.MANIFEST


def test_only_the_kustomizations_above_are_read() -> None:
    files = dict.fromkeys(
        ("a/b/c.yaml", "a/kustomization.yaml", "a/x/kustomization.yaml", "Kustomization", "d.md"), POD
    )
    read: list[str] = []

    def content(path: str) -> bytes:
        read.append(path)
        return files[path].encode()

    assert list(classify(["a/b/c.yaml", "d.md"], list(files), content)) == ["a/b/c.yaml"]
    assert sorted(read) == ["Kustomization", "a/b/c.yaml", "a/kustomization.yaml"]
    assert sorted(wanted(["a/b/c.yaml", "d.md"], list(files))) == sorted(read)


def test_what_cannot_be_read_is_a_manifest_beside_manifests() -> None:
    assert what("a/b.yaml", {"a/b.yaml": "x: [", "a/c.yaml": POD}) is What.MANIFEST
    assert what("a/b.yaml", {"a/b.yaml": "x: [", "a/d/c.yaml": POD}) is What.NO_MANIFEST
    wide = {"a.yaml": POD.encode("utf-16")}
    assert classify(["a.yaml"], list(wide), wide.__getitem__)["a.yaml"].what is What.MANIFEST
