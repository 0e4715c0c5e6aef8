"""Tests of engine.patch."""
