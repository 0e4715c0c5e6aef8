"""Metrics, traces and the form of the log: what those who run the service see of it."""
