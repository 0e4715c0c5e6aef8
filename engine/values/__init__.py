"""Go's and Kubernetes' notions of values: quantities, durations, wildcards, and how they are written."""
