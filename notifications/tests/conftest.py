"""The sandbox, for the ways that end in a state system."""

from tests.sandbox import sandbox, sandbox_process

__all__ = ["sandbox", "sandbox_process"]
