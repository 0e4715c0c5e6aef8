"""Signed manifests: what a resource says it was made from, how the two differ, and what a policy lets differ.

Upstream: github.com/sigstore/k8s-manifest-sigstore, pkg/k8smanifest and pkg/util.
"""
