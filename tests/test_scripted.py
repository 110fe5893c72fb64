"""What only scripts can show is packed in the page, and stands in it as it is where the server shows it."""

import pytest
from django.template import Context, Template, TemplateSyntaxError

NESTED = """{% scripted unless=opened %}A{% scripted unless=elsewhere %}B{% endscripted %}{% endscripted %}"""


@pytest.mark.parametrize(
    ("opened", "elsewhere", "written"),
    [
        (False, False, '<script type="text/html">AB</script>'),
        (True, False, 'A<script type="text/html">B</script>'),
        (True, True, "AB"),
    ],
)
def test_part_is_packed_once(opened: bool, elsewhere: bool, written: str) -> None:
    """A block in a block would end with the inner one."""
    values = Context({"opened": opened, "elsewhere": elsewhere})

    assert Template(NESTED).render(values) == written


def test_values_in_a_packed_part_end_no_block() -> None:
    packed = Template("{% scripted %}{{ name }}{% endscripted %}").render(Context({"name": "</script>"}))

    assert packed == '<script type="text/html">&lt;/script&gt;</script>'


def test_word_that_is_not_known_is_refused() -> None:
    with pytest.raises(TemplateSyntaxError):
        Template("{% scripted if=opened %}A{% endscripted %}")
