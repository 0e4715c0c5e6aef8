"""The libraries that Kyverno adds (upstream: github.com/kyverno/sdk extensions/cel/libs)."""
