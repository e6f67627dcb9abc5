"""Versions of the package beside one another: what changed, which number that calls for, and every release again."""
