"""The waiting room (D68): when more people come than can be served, they are let in in the order they came.

It stands before one door, the sign-in: whoever has signed in is in and never meets it, and what needs no
sign-in has none. `line.lua` keeps the order in Redis, `room.py` asks it and knows what to do without it,
`middleware.py` stands at the door, `doors.py` says after eGov who comes in, `lane.py` has staff who file for
their own child wait like all. `turns.lua` keeps the order of those who sign as their region opens (D79).
"""
