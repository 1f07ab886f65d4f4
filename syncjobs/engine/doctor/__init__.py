"""What is wrong with an installation, in sentences for its operators: `manage.py doctor`."""
