"""Conditions: the operators of preconditions and deny rules, and the blocks they stand in."""
