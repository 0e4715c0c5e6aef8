"""Structured merge: what server-side apply makes of an object and an apply configuration.

Upstream: sigs.k8s.io/structured-merge-diff/v6 (typed, schema), k8s.io/kube-openapi/pkg/schemaconv.
"""
