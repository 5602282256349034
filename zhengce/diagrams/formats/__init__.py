"""The formats that a drawing is written in, each with `render(drawing, form) -> bytes`."""
