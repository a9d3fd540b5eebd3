"""Questions from other people's files and for other people's systems: Moodle GIFT, Moodle XML, CSV, our own YAML."""
