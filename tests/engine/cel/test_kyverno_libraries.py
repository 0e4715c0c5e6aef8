"""What the cases of Kyverno's libraries cannot say: clocks, chance, namespaces, signatures, bounds."""

from __future__ import annotations

import gzip

import pytest

from engine.cel.environment import Environment
from engine.cel.errors import CompileError, EvaluationError
from engine.cel.libraries.bundles import KYVERNO_BASE, kyverno, kyverno_asking
from engine.cel.libraries.costs import MAX_TEXT
from engine.cel.libraries.kyverno import generator, imageverify
from engine.cel.libraries.kyverno.surroundings import Unavailable
from engine.cel.types import DYN
from engine.cel.values import Timestamp

from .small_world import SmallWorld


class Verifier:
    attestations = ("sbom",)

    def matches(self, image):
        return image.startswith("ghcr.io/")

    def verified_signatures(self, image, attestors):
        return len(attestors)

    def verified_attestations(self, image, attestation, attestors):
        raise Unavailable("no registry is asked")

    def payload(self, image, attestation):
        return {"of": image}

    def image_data(self, image):
        raise Unavailable("no registry is asked")


def evaluate(expression, namespace="", world=None, **variables):
    world = world or SmallWorld()
    libraries = (*KYVERNO_BASE, *kyverno(), *kyverno_asking(world, namespace), generator.library(world, namespace))
    environment = Environment(libraries, dict.fromkeys(variables, DYN)).extend([imageverify.library(Verifier())])
    return environment.compile(expression).evaluate(variables)


def test_the_clock_is_the_worlds():
    assert evaluate("time.now()") == Timestamp(1_600_000_000_000_000_000)


def test_chance_is_the_worlds():
    assert evaluate("random.random('[a-z]{12}')") == evaluate("random('[a-z]{12}')")
    assert evaluate("random('[a-c]{4}').matches('^[a-c]{4}$')") is True


def test_a_policy_of_a_namespace_sees_its_own_only():
    assert evaluate("resource.get('v1', 'pods', 'x')", "mine")["ns"] == "mine"
    assert evaluate("resource.list('v1', 'pods', {'a': 'b'})", "mine")["items"][0]["ns"] == "mine"
    assert evaluate("resource.list(resource.toGVR('v1', 'pod'))", "mine")["items"][0]["r"] == "pods"
    assert evaluate("resource.post('v1', 'pods', {'a': 1})", "mine")["ns"] == "mine"
    assert evaluate("generator.apply([{'a': 1}])", "mine") is True
    with pytest.raises(CompileError, match="found no matching overload for 'get'"):
        evaluate("resource.get('v1', 'pods', 'other', 'x')", "mine")


def test_a_policy_of_a_namespace_asks_no_service():
    said = "request failed: http calls are not allowed in namespaced policies: "
    with pytest.raises(EvaluationError, match=said):
        evaluate("http.get('err')", "mine")
    assert evaluate("http.client('certificates').get('x')", "mine") == {"url": "x"}


def test_numbers_of_what_is_made_are_floats():
    made = []

    class Keeper(SmallWorld):
        def generate(self, namespace, resources):
            made.extend(resources)

    evaluate("generator.apply('', [{'n': dyn(1), 'b': dyn(b'x'), 'l': dyn([2u])}])", world=Keeper())
    assert made == [{"n": 1.0, "b": "eA==", "l": [2.0]}]
    assert type(made[0]["n"]) is float


def test_images_that_a_policy_does_not_match_have_no_signature():
    assert evaluate("verifyImageSignatures('docker.io/a', [1, 2])") == 0
    assert evaluate("verifyImageSignatures('ghcr.io/a/b', [1, 2])") == 2


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("verifyAttestationSignatures('ghcr.io/a/b', 'sbom', [1])", "failed to get imagedata: no registry is asked"),
        ("verifyAttestationSignatures('ghcr.io/a/b', 'other', [1])", "attestation not found in policy: other"),
        ("extractPayload('ghcr.io/a/b', 'other')", "attestation not found in policy: other"),
        ("getImageData('ghcr.io/a/b')", "failed to get imagedata: no registry is asked"),
    ],
)
def test_what_a_registry_would_know_is_refused_by_name(expression, said):
    with pytest.raises(EvaluationError) as caught:
        evaluate(expression)
    assert str(caught.value) == said


def test_what_is_compressed_can_be_read_by_anyone():
    assert gzip.decompress(evaluate("gzip.compress('añ')")).decode() == "añ"


def test_a_small_text_does_not_become_a_huge_one():
    bomb = gzip.compress(b"a" * (MAX_TEXT + 1))
    for expression in ("gzip.decompress(a)", "b.replace('', b)", "'%s%s'.format([b, b])", "regex.replace(b, 'a', b)"):
        with pytest.raises(EvaluationError, match=r"characters is not made|actual cost limit"):
            evaluate(expression, a=bomb, b="a" * (MAX_TEXT // 2 + 1))
