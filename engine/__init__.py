"""The policy engine: Kyverno's answers, computed without a cluster."""
