"""The site's own settings, with the floor beside the product's addresses: one server answers both."""

from config.settings import *  # noqa: F403

ROOT_URLCONF = "benchmarks._floor_urls"
