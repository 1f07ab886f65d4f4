"""The daily proof."""
