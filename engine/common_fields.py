"""Fields that several documents of kyverno.io have: metadata, match blocks, conditions, context.

The facts are those of the types in api/kyverno/v1, v2beta1 and v2 and of the schemas that the reference makes of them.
"""

from __future__ import annotations

from typing import Final

from engine.schema import (
    Choice,
    Default,
    Either,
    Loose,
    Many,
    Map,
    Object,
    Scalar,
    Shape,
    Whole,
    alone,
    apart,
    fields,
)

TEXT, BOOL, INT, ANY, FLOATS = Scalar.TEXT, Scalar.BOOL, Scalar.INT, Scalar.ANY, Scalar.FLOATS
TEXTS: Final = Many(TEXT)
WORDS: Final = Map(TEXT)
INT32 = Whole(-(2**31), 2**31 - 1)

_ORDERS = ("GreaterThanOrEquals", "GreaterThan", "LessThanOrEquals", "LessThan")
_OPERATORS = (
    *("Equals", "NotEquals", "AnyIn", "AllIn", "AnyNotIn", "AllNotIn"),
    *_ORDERS,
    *(f"Duration{order}" for order in _ORDERS),
)

METADATA: Final = fields(
    name=TEXT,
    generateName=TEXT,
    namespace=TEXT,
    labels=WORDS,
    annotations=WORDS,
    uid=TEXT,
    resourceVersion=TEXT,
    generation=INT,
    creationTimestamp=TEXT,
    deletionTimestamp=TEXT,
    deletionGracePeriodSeconds=INT,
    finalizers=TEXTS,
    ownerReferences=Many(
        fields(apiVersion=TEXT, blockOwnerDeletion=BOOL, controller=BOOL, kind=TEXT, name=TEXT, uid=TEXT)
    ),
    managedFields=ANY,
    selfLink=TEXT,
)

LABEL_SELECTOR = fields(
    matchExpressions=Many(fields("key operator", key=TEXT, operator=TEXT, values=TEXTS)), matchLabels=WORDS
)
_DESCRIPTION = fields(
    annotations=WORDS,
    kinds=TEXTS,
    name=TEXT,
    names=TEXTS,
    namespaceSelector=LABEL_SELECTOR,
    namespaces=TEXTS,
    operations=Many(Choice(("CREATE", "CONNECT", "UPDATE", "DELETE"))),
    selector=LABEL_SELECTOR,
)
_RESOURCES = apart(_DESCRIPTION, "name", "names")
_SUBJECTS = Many(fields("kind name", apiGroup=TEXT, kind=TEXT, name=TEXT, namespace=TEXT))
_FILTER: dict[str, Shape] = {"clusterRoles": TEXTS, "resources": _RESOURCES, "roles": TEXTS, "subjects": _SUBJECTS}
_FILTERS = Many(fields(**_FILTER))
MATCH_ANY_ALL = apart(fields(any=_FILTERS, all=_FILTERS), "any", "all")
MATCH = apart(fields(any=_FILTERS, all=_FILTERS, **_FILTER), "any", "all")


def _condition(operator: Shape) -> Object:
    return fields(key=ANY, message=TEXT, operator=operator, value=ANY)


def _any_all(operators: tuple[str, ...] | None) -> Object:
    conditions = Many(_condition(Choice(operators) if operators else TEXT))
    return fields(any=conditions, all=conditions)


CONDITIONS_V1 = Loose(lambda: Either(Many(_condition(TEXT)), _any_all(None)))
LOOP_CONDITIONS = _any_all((*_OPERATORS, "In", "NotIn"))
CONDITIONS_V2 = _any_all(_OPERATORS)
DENY_V1 = fields(conditions=CONDITIONS_V1)

CREDENTIALS = fields(
    allowInsecureRegistry=BOOL,
    providers=Many(Choice(("default", "amazon", "azure", "google", "github"))),
    secrets=TEXTS,
)
SERVICE = fields("url", caBundle=TEXT, headers=Many(fields("key value", key=TEXT, value=TEXT)), url=TEXT)
CONTEXT = Many(
    alone(
        fields(
            "name",
            name=TEXT,
            apiCall=fields(
                data=Many(fields("key value", key=TEXT, value=ANY)),
                default=ANY,
                jmesPath=TEXT,
                method=Default(Choice(("GET", "POST")), "GET"),
                service=SERVICE,
                urlPath=TEXT,
            ),
            configMap=fields("name", name=TEXT, namespace=TEXT),
            globalReference=fields("name", jmesPath=TEXT, name=TEXT),
            imageRegistry=fields("reference", imageRegistryCredentials=CREDENTIALS, jmesPath=TEXT, reference=TEXT),
            variable=fields(default=ANY, jmesPath=TEXT, value=ANY),
        ),
        "configMap",
        "apiCall",
        "imageRegistry",
        "variable",
        "globalReference",
    )
)
NAMED_EXPRESSIONS = Many(fields("expression name", expression=TEXT, name=TEXT))
