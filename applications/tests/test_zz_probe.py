from applications import printing


def test_names():
    print([n for n in dir(printing)])
