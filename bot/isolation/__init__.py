"""Evaluation apart: hostile text is read and judged in a process without secrets, within bounds, that may die."""
