"""WS-Security of SmartBridge's envelopes (D78): ours signed with the organisation's key, theirs believed only
where one of the bus's own certificates has signed it.

names.py         namespaces and algorithms
files.py         a file of certificates
authorities.py   who may have issued the bus's certificates
certificates.py  which certificate of the bus is good for anything
keys.py          our key, the certificates of the bus, and what is wrong with them
signing.py       a request signed
form.py          the one form of a signed answer, and what its signature covers
checking.py      the Body of an answer as it was signed

Whatever a library throws ends as Unsound.
"""

from egov.wss.checking import body_of
from egov.wss.names import Unsound
from egov.wss.signing import sign

__all__ = ["Unsound", "body_of", "sign"]
