"""The engine's public surface: the lines of docs/ENGINE.md run, and nothing is imported before it is used."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import engine

PAGE = Path(__file__).parents[2] / "docs" / "ENGINE.md"
POLICY = """
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: {name: tags}
spec:
  rules:
    - name: no-latest
      match: {any: [{resources: {kinds: [Pod]}}]}
      validate: {failureAction: Enforce, message: Name a tag., pattern: {spec: {containers: [{image: "!*:latest"}]}}}
"""
POD = """
apiVersion: v1
kind: Pod
metadata: {name: %s, namespace: shop}
spec: {containers: [{name: c, image: "nginx:%s"}]}
"""


def test_the_ten_lines_judge() -> None:
    found = re.search(r"<!-- ten lines -->\n```python\n(.*?)```\n<!-- /ten lines -->", PAGE.read_text(), re.DOTALL)
    assert found is not None
    names: dict[str, Any] = {}
    exec(found.group(1), names)
    manifests = POD % ("web", "latest") + "---" + POD % ("good", "1.27")
    [text] = names["denied"](POLICY, manifests)
    assert text.startswith(
        "Pod shop/web: [no-latest] fail (blocked); validation error: Name a tag. rule no-latest failed"
    )


@pytest.mark.parametrize("name", engine.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(engine, name) is not None


def test_no_name_hides_a_module() -> None:
    """``from engine import report`` means the module, whatever is public."""
    modules = {path.stem for path in Path(engine.__file__).parent.iterdir()}
    assert not modules & set(engine.__all__)


def test_another_name_is_none_of_the_engine() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        _ = engine.nothing


def test_importing_the_engine_imports_none_of_it() -> None:
    code = "import sys, engine; print([name for name in sys.modules if name.startswith('engine.')])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
