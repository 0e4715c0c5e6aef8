"""Policies whose rules are CEL: what they match, what they read, and what they answer.

Imported by the first policy that needs it: a repository without CEL pays for none of it.
"""
