"""Tests of everything that touches the world."""
