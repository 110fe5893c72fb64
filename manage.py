#!/usr/bin/env python
"""Entry point of all management commands."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "oqu.settings")
    from django.core.management import execute_from_command_line

    from accounts import speaker
    from accounts.storage import StoreAway

    speaker.speak_as(f"command {' '.join(sys.argv[1:2])}")
    try:
        execute_from_command_line(sys.argv)
    except StoreAway as error:
        sys.exit(f"The store of files does not answer: {error}. What was done stands; repeat the command.")


if __name__ == "__main__":
    main()
