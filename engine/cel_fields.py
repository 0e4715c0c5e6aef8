"""The fields of policies whose rules are CEL: names, types, what is required, what is filled in.

The facts are those of the custom resource definitions of policies.kyverno.io, the same in all versions, and of
Kubernetes' admissionregistration.k8s.io.
"""

from __future__ import annotations

from typing import Final

from engine.common_fields import ANY, BOOL, INT, LABEL_SELECTOR, METADATA, NAMED_EXPRESSIONS, TEXT, TEXTS, WORDS
from engine.schema import Choice, Default, Many, Object, Shape, Short, alone, fields

_RULES = Many(
    fields(
        apiGroups=TEXTS,
        apiVersions=TEXTS,
        operations=TEXTS,
        resourceNames=TEXTS,
        resources=TEXTS,
        scope=TEXT,
    )
)
_MATCH_FIELDS: dict[str, Shape] = {
    "excludeResourceRules": _RULES,
    "matchPolicy": TEXT,
    "namespaceSelector": LABEL_SELECTOR,
    "objectSelector": LABEL_SELECTOR,
    "resourceRules": _RULES,
}
_MATCH = fields(**_MATCH_FIELDS)
_FAILURE_POLICY = Choice(("Ignore", "Fail"))
_AUDIT = Many(fields("key valueExpression", key=TEXT, valueExpression=TEXT))
_YES, _NO = fields(enabled=Default(BOOL, True)), fields(enabled=Default(BOOL, False))
_CONTROLLERS = fields(controllers=TEXTS)
_WEBHOOK = fields(timeoutSeconds=INT)
_VALIDATIONS = Many(fields("expression", expression=TEXT, message=TEXT, messageExpression=TEXT, reason=TEXT))
_ACTIONS = Many(Choice(("Deny", "Audit", "Warn")))
_MUTATIONS = Many(
    fields(
        "patchType",
        applyConfiguration=fields(expression=TEXT),
        jsonPatch=fields(expression=TEXT),
        patchType=TEXT,
    )
)
_COMMON: dict[str, Shape] = {
    "matchConditions": NAMED_EXPRESSIONS,
    "matchConstraints": _MATCH,
    "variables": NAMED_EXPRESSIONS,
}
_ADMISSION: dict[str, Shape] = {**_COMMON, "auditAnnotations": _AUDIT, "webhookConfiguration": _WEBHOOK}


def _policy(spec: Object) -> Object:
    return fields("spec", apiVersion=TEXT, kind=TEXT, metadata=METADATA, spec=spec, status=ANY)


_VALIDATING = _policy(
    fields(
        autogen=fields(podControllers=_CONTROLLERS, validatingAdmissionPolicy=fields(enabled=BOOL)),
        evaluation=fields(admission=_YES, background=_YES, mode=TEXT),
        failurePolicy=_FAILURE_POLICY,
        validationActions=_ACTIONS,
        validations=_VALIDATIONS,
        **_ADMISSION,
    )
)
_MUTATING = _policy(
    fields(
        autogen=fields(mutatingAdmissionPolicy=fields(enabled=BOOL), podControllers=_CONTROLLERS),
        evaluation=fields(
            admission=_YES,
            background=_YES,
            mode=TEXT,
            mutateExisting=_NO,
            skipBackgroundRequests=Default(BOOL, True),
            useServerSideApply=BOOL,
        ),
        failurePolicy=_FAILURE_POLICY,
        mutations=_MUTATIONS,
        reinvocationPolicy=TEXT,
        targetMatchConditions=NAMED_EXPRESSIONS,
        targetMatchConstraints=fields(expression=TEXT, **_MATCH_FIELDS),
        **_ADMISSION,
    )
)
_GENERATING = _policy(
    fields(
        "generate",
        evaluation=fields(
            admission=_YES,
            generateExisting=_NO,
            orphanDownstreamOnPolicyDelete=_NO,
            skipBackgroundRequests=Default(BOOL, True),
            synchronize=_NO,
        ),
        generate=Many(
            fields(
                expression=TEXT,
                template=fields("value", interpolate=Default(Choice(("none", "cel")), "none"), value=TEXT),
            )
        ),
        useServerSideApply=BOOL,
        **_ADMISSION,
    )
)
_DELETING = _policy(
    fields(
        "schedule",
        conditions=NAMED_EXPRESSIONS,
        deletionPropagationPolicy=Choice(("Foreground", "Background", "Orphan")),
        matchConstraints=_MATCH,
        schedule=TEXT,
        variables=NAMED_EXPRESSIONS,
    )
)
_SAID = alone(fields(expression=TEXT, value=TEXT), "expression", "value")
_COSIGN = fields(
    annotations=WORDS,
    certificate=fields(cert=_SAID, certChain=_SAID),
    ctlog=fields(
        ctLogPubKey=TEXT,
        insecureIgnoreSCT=BOOL,
        insecureIgnoreTlog=BOOL,
        rekorPubKey=TEXT,
        tsaCertChain=TEXT,
        url=TEXT,
    ),
    key=fields(data=TEXT, expression=TEXT, hashAlgorithm=TEXT, kms=TEXT),
    keyless=fields(
        "identities",
        additionalExtensions=WORDS,
        identities=Many(
            fields(issuer=TEXT, issuerRegExp=TEXT, subject=TEXT, subjectExpression=TEXT, subjectRegExp=TEXT)
        ),
        roots=TEXT,
    ),
    source=fields(PullSecrets=Many(fields(name=Default(TEXT, ""))), repository=TEXT, tagPrefix=TEXT),
    trustedRoot=_SAID,
    tuf=fields(mirror=TEXT, root=fields(data=TEXT, path=TEXT)),
)
_IMAGE_VALIDATING = _policy(
    fields(
        "attestors validations",
        attestations=Many(
            fields("name", intoto=fields("type", type=TEXT), name=TEXT, referrer=fields("type", type=TEXT))
        ),
        attestors=Many(
            alone(
                fields("name", cosign=_COSIGN, name=TEXT, notary=fields(certs=_SAID, tsaCerts=_SAID)),
                "cosign",
                "notary",
            )
        ),
        autogen=fields(podControllers=_CONTROLLERS),
        credentials=fields(
            allowInsecureRegistry=BOOL,
            providers=Many(Choice(("default", "amazon", "azure", "google", "github"))),
            secrets=TEXTS,
        ),
        evaluation=fields(admission=_YES, background=_YES, mode=TEXT),
        failurePolicy=_FAILURE_POLICY,
        images=NAMED_EXPRESSIONS,
        matchImageReferences=Many(alone(fields(expression=TEXT, glob=TEXT), "expression", "glob")),
        validationActions=_ACTIONS,
        validationConfigurations=fields(
            mutateDigest=Default(BOOL, True), required=Default(BOOL, True), verifyDigest=Default(BOOL, True)
        ),
        validations=_VALIDATIONS,
        **_ADMISSION,
    )
)
_EXCEPTION = _policy(
    fields(
        "policyRefs",
        allowedValues=TEXTS,
        evaluationMode=TEXT,
        expiresAt=TEXT,
        images=TEXTS,
        matchConditions=NAMED_EXPRESSIONS,
        policyRefs=Many(fields("kind name", kind=TEXT, name=TEXT)),
        properties=WORDS,
        reportResult=Default(Choice(("skip", "pass")), "skip"),
    )
)
_PARAM_KIND = fields(apiVersion=TEXT, kind=TEXT)
_PARAM_REF = fields(name=TEXT, namespace=TEXT, parameterNotFoundAction=TEXT, selector=LABEL_SELECTOR)
_VALIDATING_ADMISSION = _policy(
    fields(
        auditAnnotations=_AUDIT,
        failurePolicy=TEXT,
        paramKind=_PARAM_KIND,
        validations=_VALIDATIONS,
        **_COMMON,
    )
)
_MUTATING_ADMISSION = _policy(
    fields(failurePolicy=TEXT, mutations=_MUTATIONS, paramKind=_PARAM_KIND, reinvocationPolicy=TEXT, **_COMMON)
)
_MUTATING_BINDING = _policy(fields(matchResources=_MATCH, paramRef=_PARAM_REF, policyName=Short(253)))
_VALIDATING_BINDING = _policy(
    fields(matchResources=_MATCH, paramRef=_PARAM_REF, policyName=Short(253), validationActions=TEXTS)
)

SHAPES: Final = {
    "ValidatingPolicy": _VALIDATING,
    "MutatingPolicy": _MUTATING,
    "GeneratingPolicy": _GENERATING,
    "DeletingPolicy": _DELETING,
    "ImageValidatingPolicy": _IMAGE_VALIDATING,
}
"""The shapes of policies.kyverno.io by kind, without ``Namespaced``."""

EXCEPTION: Final = _EXCEPTION
KUBERNETES: Final = {
    "ValidatingAdmissionPolicy": _VALIDATING_ADMISSION,
    "ValidatingAdmissionPolicyBinding": _VALIDATING_BINDING,
    "MutatingAdmissionPolicy": _MUTATING_ADMISSION,
    "MutatingAdmissionPolicyBinding": _MUTATING_BINDING,
}


_VERSIONS: Final = ("v1alpha1", "v1beta1", "v1")


def shape_of(group_kind: str, version: str) -> Object | None:
    """The shape of a kind of either group in a version; None where the reference knows none."""
    if group_kind in KUBERNETES:
        is_known = version == "v1" or (version in _VERSIONS and group_kind.startswith("Mutating"))
        return KUBERNETES[group_kind] if is_known else None
    if version not in _VERSIONS or (version == "v1alpha1" and group_kind.startswith("Namespaced")):
        return None
    return EXCEPTION if group_kind == "PolicyException" else SHAPES.get(group_kind.removeprefix("Namespaced"))
