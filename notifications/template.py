"""What a text that the portal writes to people is made of."""

from dataclasses import dataclass

from django.utils.functional import Promise


@dataclass(frozen=True)
class Template:
    title: str | Promise
    body: str | Promise
    sms: str | Promise = ""
    urgent: bool = False  # somebody is waiting for the reader to act
    calls: bool = False  # the reader has to act, and no list of their work shows it
    answers: bool = False  # what the reader has done a moment ago: sent by night, too
