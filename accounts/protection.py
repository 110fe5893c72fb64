"""Whereabouts of a child that a court hides from a person: the one question that pages and messages ask."""

from django.db.models import Exists, OuterRef

from accounts.models import Child, Protection, User


def hides(*, child_iin: str, from_iin: str) -> bool:
    """D35: nothing that tells where this child is may reach the person: school, address, papers, messages."""
    return Protection.objects.in_force().filter(child_iin=child_iin, barred_iin=from_iin).exists()


def hidden_from(user: User, child: Child) -> bool:
    return hides(child_iin=child.iin, from_iin=user.iin)


def of_child(iin: str) -> Exists:
    """The same as `is_protected`, for a query in which the child's IIN stands at this path."""
    return Exists(Protection.objects.in_force().filter(child_iin=OuterRef(iin)))


def is_protected(child: Child) -> bool:
    """Is it hidden from anybody? Then whoever is not known says and is told nothing of its school."""
    return Protection.objects.in_force().filter(child_iin=child.iin).exists()
