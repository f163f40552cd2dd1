"""Slides from the lessons' texts: what stands on them, links to the wall, and their pages."""
