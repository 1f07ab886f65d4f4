"""System checks that hold the queue's settings to what was measured. See DEPENDENCIES.md, django-q2."""
