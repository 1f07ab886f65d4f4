"""The REST API, version 1: what the pages show and do, for programs."""
