#!/usr/bin/env python3
"""Django's command line. The embedded servers run beside it where the environment names no others."""

import os
import sys

from django.core.management import execute_from_command_line

from config.embedded import servers

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    with servers():
        execute_from_command_line(sys.argv)
