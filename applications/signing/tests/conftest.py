"""What the browser tests of this folder share."""

from applications.signing.tests.browser_cast import stage  # noqa: F401  a fixture
