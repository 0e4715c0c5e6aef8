"""Tests of engine/values."""
