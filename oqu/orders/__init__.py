"""What ops order on the pages of the portal (D77): each act on a page of its own, with its reason.

lots.py    the queues whose rows may be tried again
acts.py    the acts, each of which leaves an Order
forms.py   what is typed
season.py  the settings of the season, and where each is changed
views.py   the pages
"""
