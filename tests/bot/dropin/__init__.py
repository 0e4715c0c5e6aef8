"""Tests of ``preadmit apply`` and ``preadmit test``."""
