"""The fields of kyverno.io policies: names, types, what is required, what is filled in.

The facts are those of the types in api/kyverno/v1, v2beta1 and v2 and of the schemas that the reference makes of them.
"""

from __future__ import annotations

from typing import Final

from engine.common_fields import (
    ANY,
    BOOL,
    CONDITIONS_V1,
    CONDITIONS_V2,
    CONTEXT,
    CREDENTIALS,
    DENY_V1,
    FLOATS,
    INT32,
    LABEL_SELECTOR,
    LOOP_CONDITIONS,
    MATCH,
    MATCH_ANY_ALL,
    METADATA,
    NAMED_EXPRESSIONS,
    SERVICE,
    TEXT,
    TEXTS,
    WORDS,
)
from engine.schema import (
    Choice,
    Default,
    Loose,
    Many,
    Map,
    Object,
    Shape,
    Short,
    Whole,
    alone,
    fields,
)

_CLONE = fields(name=TEXT, namespace=TEXT)
_CLONE_LIST = fields(kinds=TEXTS, namespace=TEXT, selector=LABEL_SELECTOR)
_TARGET: dict[str, Shape] = {"apiVersion": TEXT, "kind": TEXT, "name": TEXT, "namespace": TEXT, "uid": TEXT}
_GENERATED: dict[str, Shape] = {**_TARGET, "clone": _CLONE, "cloneList": _CLONE_LIST, "data": ANY}
_GENERATE = fields(
    foreach=Many(fields(context=CONTEXT, list=TEXT, preconditions=LOOP_CONDITIONS, **_GENERATED)),
    generateExisting=BOOL,
    orphanDownstreamOnPolicyDelete=BOOL,
    synchronize=BOOL,
    **_GENERATED,
)


def _mutate_loop() -> Object:
    return fields(
        context=CONTEXT,
        foreach=Loose(lambda: Many(_mutate_loop())),
        list=TEXT,
        order=Choice(("Ascending", "Descending")),
        patchStrategicMerge=ANY,
        patchesJson6902=TEXT,
        preconditions=LOOP_CONDITIONS,
    )


_MUTATE = fields(
    foreach=Many(_mutate_loop()),
    mutateExistingOnPolicyUpdate=BOOL,
    patchStrategicMerge=ANY,
    patchesJson6902=TEXT,
    targets=Many(fields(context=CONTEXT, preconditions=CONDITIONS_V1, selector=LABEL_SELECTOR, **_TARGET)),
)
_OVERRIDES = Many(
    fields(action=Choice(("audit", "enforce", "Audit", "Enforce")), namespaceSelector=LABEL_SELECTOR, namespaces=TEXTS)
)
_CEL = fields(
    auditAnnotations=Many(fields("key valueExpression", key=TEXT, valueExpression=TEXT)),
    expressions=Many(fields("expression", expression=TEXT, message=TEXT, messageExpression=TEXT, reason=TEXT)),
    generate=Default(BOOL, False),
    paramKind=fields(apiVersion=TEXT, kind=TEXT),
    paramRef=fields(name=TEXT, namespace=TEXT, parameterNotFoundAction=TEXT, selector=LABEL_SELECTOR),
    variables=NAMED_EXPRESSIONS,
)


def _validate_loop() -> Object:
    return fields(
        anyPattern=FLOATS,
        context=CONTEXT,
        deny=DENY_V1,
        elementScope=BOOL,
        foreach=Loose(lambda: Many(_validate_loop())),
        list=TEXT,
        pattern=ANY,
        preconditions=LOOP_CONDITIONS,
    )


_CTLOG = fields(ignoreSCT=BOOL, pubkey=TEXT, tsaCertChain=TEXT)
_REKOR = fields(ignoreTlog=BOOL, pubkey=TEXT, url=TEXT)
_ATTESTOR = fields(
    annotations=WORDS,
    attestor=ANY,
    certificates=fields(cert=TEXT, certChain=TEXT, ctlog=_CTLOG, rekor=_REKOR),
    keyless=fields(
        additionalExtensions=WORDS,
        ctlog=_CTLOG,
        issuer=TEXT,
        issuerRegExp=TEXT,
        rekor=_REKOR,
        roots=TEXT,
        subject=TEXT,
        subjectRegExp=TEXT,
    ),
    keys=fields(
        ctlog=_CTLOG,
        kms=TEXT,
        publicKeys=TEXT,
        rekor=_REKOR,
        secret=fields("name namespace", name=TEXT, namespace=TEXT),
        signatureAlgorithm=Default(TEXT, "sha256"),
    ),
    repository=TEXT,
    signatureAlgorithm=Default(TEXT, "sha256"),
)
_ATTESTORS = Many(fields(count=Whole(1), entries=Many(_ATTESTOR)))
_MANIFESTS = fields(
    annotationDomain=TEXT,
    attestors=_ATTESTORS,
    dryRun=fields(enable=BOOL, namespace=TEXT),
    ignoreFields=Many(
        fields(
            fields=TEXTS,
            objects=Many(fields(group=TEXT, kind=TEXT, name=TEXT, namespace=TEXT, version=TEXT)),
        )
    ),
    repository=TEXT,
)
_CONTROLS = (
    "HostProcess",
    "Host Namespaces",
    "Privileged Containers",
    "Capabilities",
    "HostPath Volumes",
    "Host Ports",
    "AppArmor",
    "SELinux",
    "/proc Mount Type",
    "Seccomp",
    "Sysctls",
    "Volume Types",
    "Privilege Escalation",
    "Running as Non-root",
    "Running as Non-root user",
)
_POD_SECURITY_EXCLUDES = Many(
    fields("controlName", controlName=Choice(_CONTROLS), images=TEXTS, restrictedField=TEXT, values=TEXTS)
)
_POD_SECURITY = fields(
    exclude=_POD_SECURITY_EXCLUDES,
    level=Choice(("privileged", "baseline", "restricted")),
    version=Choice((*(f"v1.{minor}" for minor in range(19, 33)), "latest")),
)
_ACTION = Choice(("Audit", "Enforce"))
_VALIDATE: dict[str, Shape] = {
    "anyPattern": FLOATS,
    "assert": ANY,
    "cel": _CEL,
    "failureAction": _ACTION,
    "failureActionOverrides": _OVERRIDES,
    "foreach": Many(_validate_loop()),
    "manifests": _MANIFESTS,
    "message": TEXT,
    "pattern": ANY,
    "podSecurity": _POD_SECURITY,
}
_VALIDATE_V1 = fields(allowExistingViolations=Default(BOOL, True), deny=DENY_V1, **_VALIDATE)
_VALIDATE_V2 = fields(deny=fields(conditions=CONDITIONS_V2), **_VALIDATE)
_ATTESTATIONS = Many(
    fields(attestors=_ATTESTORS, conditions=Many(LOOP_CONDITIONS), name=TEXT, predicateType=TEXT, type=TEXT)
)
_YES = Default(BOOL, True)
_VERIFY: dict[str, Shape] = {
    "attestations": _ATTESTATIONS,
    "attestors": _ATTESTORS,
    "failureAction": _ACTION,
    "imageReferences": TEXTS,
    "imageRegistryCredentials": CREDENTIALS,
    "mutateDigest": _YES,
    "repository": TEXT,
    "required": _YES,
    "skipImageReferences": TEXTS,
    "type": Choice(("Cosign", "SigstoreBundle", "Notary")),
    "useCache": _YES,
    "validate": fields(deny=DENY_V1, message=TEXT),
    "verifyDigest": _YES,
}
_VERIFY_V1 = fields(
    additionalExtensions=WORDS,
    annotations=WORDS,
    cosignOCI11=BOOL,
    image=TEXT,
    issuer=TEXT,
    key=TEXT,
    roots=TEXT,
    subject=TEXT,
    **_VERIFY,
)
_EXTRACTORS = Map(Many(fields("path", jmesPath=TEXT, key=TEXT, name=TEXT, path=TEXT, value=TEXT)))


def _rules(match: Shape, conditions: Shape, validate: Shape, verify: Shape) -> Many:
    return Many(
        fields(
            "name match",
            name=Short(63),
            celPreconditions=NAMED_EXPRESSIONS,
            context=CONTEXT,
            exclude=match,
            generate=_GENERATE,
            imageExtractors=_EXTRACTORS,
            match=match,
            mutate=_MUTATE,
            preconditions=conditions,
            reportProperties=WORDS,
            skipBackgroundRequests=_YES,
            validate=validate,
            verifyImages=Many(verify),
        )
    )


_COUNT: Final = Whole(-(2**63))
_CONDITION: Final = fields(
    "lastTransitionTime message reason status type",
    lastTransitionTime=TEXT,
    message=TEXT,
    observedGeneration=Whole(0),
    reason=TEXT,
    status=Choice(("True", "False", "Unknown")),
    type=TEXT,
)
_STATUS: Final = fields(
    autogen=fields(rules=ANY),
    conditions=Many(_CONDITION),
    ready=BOOL,
    rulecount=fields(
        "generate mutate validate verifyimages", generate=_COUNT, mutate=_COUNT, validate=_COUNT, verifyimages=_COUNT
    ),
    validatingadmissionpolicy=fields("generated message", generated=BOOL, message=TEXT),
)


def _policy(rules: Many) -> Object:
    failure_policy = Choice(("Ignore", "Fail"))
    spec = fields(
        admission=_YES,
        applyRules=Choice(("All", "One")),
        background=_YES,
        emitWarning=Default(BOOL, False),
        failurePolicy=failure_policy,
        generateExisting=BOOL,
        generateExistingOnPolicyUpdate=BOOL,
        mutateExistingOnPolicyUpdate=BOOL,
        rules=rules,
        schemaValidation=BOOL,
        useServerSideApply=BOOL,
        validationFailureAction=Default(Choice(("audit", "enforce", "Audit", "Enforce")), "Audit"),
        validationFailureActionOverrides=_OVERRIDES,
        webhookConfiguration=fields(
            failurePolicy=failure_policy, matchConditions=NAMED_EXPRESSIONS, timeoutSeconds=INT32
        ),
        webhookTimeoutSeconds=INT32,
    )
    return fields("spec", apiVersion=TEXT, kind=TEXT, metadata=METADATA, spec=spec, status=_STATUS)


POLICY_V1: Final = _policy(_rules(MATCH, CONDITIONS_V1, _VALIDATE_V1, _VERIFY_V1))
POLICY_V2BETA1: Final = _policy(_rules(MATCH_ANY_ALL, CONDITIONS_V2, _VALIDATE_V2, fields(**_VERIFY)))
CLEANUP: Final = fields(
    "spec",
    apiVersion=TEXT,
    kind=TEXT,
    metadata=METADATA,
    spec=fields(
        "match schedule",
        conditions=CONDITIONS_V2,
        context=CONTEXT,
        deletionPropagationPolicy=Choice(("Foreground", "Background", "Orphan")),
        exclude=MATCH_ANY_ALL,
        match=MATCH_ANY_ALL,
        schedule=TEXT,
    ),
    status=fields(conditions=Many(_CONDITION), lastExecutionTime=TEXT),
)
EXCEPTION: Final = fields(
    "spec",
    apiVersion=TEXT,
    kind=TEXT,
    metadata=METADATA,
    spec=fields(
        "exceptions match",
        background=BOOL,
        conditions=CONDITIONS_V2,
        exceptions=Many(fields("policyName ruleNames", policyName=TEXT, ruleNames=TEXTS)),
        match=MATCH_ANY_ALL,
        podSecurity=_POD_SECURITY_EXCLUDES,
    ),
)
GLOBAL_ENTRY: Final = fields(
    "spec",
    apiVersion=TEXT,
    kind=TEXT,
    metadata=METADATA,
    spec=alone(
        fields(
            apiCall=fields(
                data=Many(fields("key value", key=TEXT, value=ANY)),
                method=Default(Choice(("GET", "POST")), "GET"),
                refreshInterval=Default(TEXT, "10m"),
                retryLimit=Default(Whole(1), 3),
                service=SERVICE,
                urlPath=TEXT,
            ),
            kubernetesResource=fields("resource version", group=TEXT, namespace=TEXT, resource=TEXT, version=TEXT),
            projections=Many(fields("jmesPath name", jmesPath=TEXT, name=TEXT)),
        ),
        "apiCall",
        "kubernetesResource",
    ),
    status=ANY,
)

SHAPES: Final = {
    ("ClusterPolicy", "v1"): POLICY_V1,
    ("Policy", "v1"): POLICY_V1,
    ("ClusterPolicy", "v2beta1"): POLICY_V2BETA1,
    ("Policy", "v2beta1"): POLICY_V2BETA1,
    ("PolicyException", "v2"): EXCEPTION,
    ("PolicyException", "v2beta1"): EXCEPTION,
    ("CleanupPolicy", "v2"): CLEANUP,
    ("CleanupPolicy", "v2beta1"): CLEANUP,
    ("ClusterCleanupPolicy", "v2"): CLEANUP,
    ("ClusterCleanupPolicy", "v2beta1"): CLEANUP,
    ("GlobalContextEntry", "v2"): GLOBAL_ENTRY,
    ("GlobalContextEntry", "v2beta1"): GLOBAL_ENTRY,
    ("GlobalContextEntry", "v2alpha1"): GLOBAL_ENTRY,
}
"""The fields of documents of kyverno.io by their kind and version."""
