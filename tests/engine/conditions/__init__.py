"""Tests of engine/conditions."""
