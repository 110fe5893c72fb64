"""The state systems in miniature, for the demo and the tests.

Its own process, port and storage. Nothing here is imported by the portal, and nothing here imports the
portal: both know only the wire formats of docs/protocols.md.
"""
