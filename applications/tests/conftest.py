"""Fixtures of this folder's tests."""

from applications.tests.wizard_cast import at_home, clock, registers  # noqa: F401
