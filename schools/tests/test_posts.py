"""Which schools a post opens, and which decisions it signs."""

from collections.abc import Callable

import pytest

from accounts.models import User
from schools.models import Locality, Role, School, StaffMember
from schools.posts import directed_by, schools_of

Post = tuple[Role, str | None]  # the name of its school; None for the department


@pytest.fixture
def person(db: None) -> User:
    return User.objects.create(iin="750312499106", surname="Қасымова", name="Нұргүл")


@pytest.fixture
def works(make_school: Callable[..., School], person: User) -> Callable[..., dict[str, School]]:
    """works((Role.DIRECTOR, "А"), …): the person's posts; somebody else directs every school, too."""

    def make(*posts: Post) -> dict[str, School]:
        found = {name: make_school("711210000", f"{name} мектебі") for name in ("В", "А", "Б")}
        other = User.objects.create(iin="691130399308", surname="Смағұлов", name="Асқар")
        for school in found.values():
            StaffMember.objects.create(user=other, school=school, role=Role.DIRECTOR)
        region = Locality.objects.get(kato="710000000")
        for role, name in posts:
            place = {"school": found[name]} if name else {"region": region}
            StaffMember.objects.create(user=person, role=role, **place)
        return found

    return make


@pytest.mark.rule("R108")
@pytest.mark.parametrize(
    ("posts", "worked_for", "directed"),
    [
        ([], "", ""),
        ([(Role.EXECUTOR, "А")], "А", ""),
        ([(Role.DIRECTOR, "А")], "А", "А"),
        ([(Role.DEPARTMENT, None)], "", ""),
        ([(Role.DEPARTMENT, None), (Role.DIRECTOR, "Б")], "Б", "Б"),
        ([(Role.EXECUTOR, "В"), (Role.DIRECTOR, "А"), (Role.EXECUTOR, "Б")], "АБВ", "А"),
        ([(Role.EXECUTOR, "А"), (Role.DIRECTOR, "А")], "А", "А"),
    ],
)
def test_posts_open_their_own_schools_in_the_order_of_names(
    works: Callable[..., dict[str, School]], person: User, posts: list[Post], worked_for: str, directed: str
) -> None:
    schools = works(*posts)

    assert schools_of(person) == [schools[name] for name in worked_for]
    assert directed_by(person) == {schools[name].pk for name in directed}


def test_posts_are_asked_for_once(
    works: Callable[..., dict[str, School]], person: User, django_assert_num_queries: Callable
) -> None:
    works((Role.DIRECTOR, "А"), (Role.EXECUTOR, "Б"))

    with django_assert_num_queries(1):
        schools_of(person)
    with django_assert_num_queries(1):
        directed_by(person)
