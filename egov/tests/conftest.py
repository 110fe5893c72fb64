"""The sandbox for the contract tests of the gateways."""

from tests.sandbox import sandbox, sandbox_process

__all__ = ["sandbox", "sandbox_process"]
