"""Which schools a person works for, and in which post."""

from accounts.models import User
from schools.models import Role, School


def schools_of(user: User) -> list[School]:
    """A post at a school is a director's or an executor's: the database holds no other."""
    posts = user.posts.select_related("school")
    return sorted({post.school for post in posts if post.school}, key=lambda school: school.sort_kk)


def directed_by(user: User) -> set[int]:
    """The schools whose decisions the user signs."""
    return set(user.posts.filter(role=Role.DIRECTOR).values_list("school", flat=True))
