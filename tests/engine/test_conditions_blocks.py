"""Condition blocks: the cases of tests/cases/conditions."""

from __future__ import annotations

import pytest

from engine.conditions import blocks
from engine.errors import EngineError
from tests.engine.contexts import cases, context


@pytest.mark.parametrize("case", cases("conditions/blocks.yaml"))
def test_block(case):
    block = blocks.compile(case["block"])
    where = context(case["root"])
    if "gives" in case:
        assert list(block(where)) == case["gives"]
        return
    with pytest.raises(EngineError) as caught:
        block(where)
    assert str(caught.value) == case["fails"]
