"""The libraries that Kubernetes adds (upstream: k8s.io/apiserver pkg/cel/library)."""
