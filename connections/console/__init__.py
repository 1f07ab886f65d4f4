"""Django's commands that write people, with entries in the trail. First in INSTALLED_APPS, so that ours are taken."""
