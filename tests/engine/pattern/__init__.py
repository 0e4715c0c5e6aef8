"""Tests of engine/pattern."""
