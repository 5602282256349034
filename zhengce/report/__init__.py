"""Answers written down: one small file for each format, each with `render(answer) -> str`."""
