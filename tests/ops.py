"""Who runs the portal, with a browser."""

from django.test import Client

from accounts.models import User
from schools.models import Role, StaffMember


def make_ops(iin: str) -> tuple[User, Client]:
    user = User.objects.create(iin=iin, surname="Нұрланов", name="Ерболат")
    user.set_unusable_password()
    user.save()
    StaffMember.objects.create(user=user, role=Role.OPS)
    client = Client()
    client.force_login(user)
    return user, client
