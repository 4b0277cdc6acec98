"""The browser of the console's tests."""

from tests.gateway.console.conftest import chromium

__all__ = ["chromium"]
