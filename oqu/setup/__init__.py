"""The first setting up of production: what is there, what is missing, and what brings it.

answers.py  what whoever sets up says, typed or in a file, and why it is refused
steps.py    the things that must stand before the first parent, each with the command that brings it
outside.py  one harmless call to each system outside
"""
