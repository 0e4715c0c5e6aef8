"""A GitHub for tests: real git underneath, its rules and limits on top, every exchange held to its OpenAPI text."""

from tests.fake_github.server import FakeGitHub

__all__ = ["FakeGitHub"]
