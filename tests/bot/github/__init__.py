"""Tests of what speaks to GitHub, against the fake."""
