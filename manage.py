#!/usr/bin/env python
"""Entry point of all management commands."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "oqu.settings")
    from django.core.management import execute_from_command_line

    from accounts import speaker

    speaker.speak_as(f"command {' '.join(sys.argv[1:2])}")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
