"""What is measured runs against a whole portal of its own, as the browser's tests do."""

from tests.browser.conftest import stand

__all__ = ["stand"]
