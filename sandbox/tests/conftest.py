"""The sandbox in a process of its own, as the portal meets it."""

from tests.sandbox import sandbox, sandbox_process

__all__ = ["sandbox", "sandbox_process"]
