"""What the portal costs, in units that are measured in the same run, so that the machine counts for nothing.

clock.py    CPU time of this thread and of the database's process beside it
bare.py     the units: a bare page, a bare drawing, a bare locked row
outside.py  an authority of its own, that issues keys, signs and answers in place of the state's
stage.py    a made-up school with its people, their drafts and their queue
walk.py     who asks for which page, like a browser
queues.py   how many rows a second leave the tables of messages and papers
contention.py  how many seats a second are taken in one row by many at once
rows.py     the rows of the table

All rows stand in a transaction that is rolled back or in a schema that is dropped, all files in a folder that
is deleted.
"""
