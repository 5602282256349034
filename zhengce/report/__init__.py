"""Answers written down: one small file for each format, each with a `render` that returns text."""
