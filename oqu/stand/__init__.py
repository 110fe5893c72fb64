"""The stand: the whole portal on one machine, for `./run` and `./run test`.

Standard library only, since it runs before anything is installed; no import of the portal.
"""
