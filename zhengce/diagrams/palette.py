"""Colours that people with any kind of colour vision tell apart (Okabe and Ito 2008), and the inks of a diagram's styles.

Dark ones for lines and outlines, light ones of the same hue for grounds. Line, weight, shape or sign say the same without them.
"""

from __future__ import annotations

from ..questions.diagram import Style
from .sheet import Ink

DARK = {
    "blue": "#0072b2", "orange": "#b26a00", "green": "#007a58", "sky": "#2a7fb0", "vermilion": "#c44e00", "purple": "#a0527f",
    "yellow": "#8a7a00", "grey": "#6b6b6b", "black": "#1a1a1a", "white": "#8f8f8f",
}  # fmt: skip
LIGHT = {
    "blue": "#cfe3f1", "orange": "#fbe3b8", "green": "#cdeae0", "sky": "#e2f1fb", "vermilion": "#f9dcc9", "purple": "#f3dde9",
    "yellow": "#fbf6c4", "grey": "#efefef", "black": "#d5d5d5", "white": "#ffffff",
}  # fmt: skip
FULL = {
    "blue": "#0072b2", "orange": "#f5c066", "green": "#009e73", "sky": "#9ad1f2", "vermilion": "#d55e00", "purple": "#cc79a7",
    "yellow": "#f0e442", "grey": "#b8b8b8", "black": "#1a1a1a", "white": "#ffffff",
}  # fmt: skip
ORDER = ("blue", "orange", "green", "purple", "yellow", "vermilion", "sky", "grey")
SHAPES = ("ellipse", "box", "hexagon", "octagon", "rounded", "diamond")
INK, FAINT, THIN, PALE, GROUND = "#1a1a1a", "#5a5a5a", "#8f8f8f", "#c9c9c9", "#f6f6f6"


def edge_ink(style: Style) -> Ink:
    """A line."""
    return Ink(stroke=DARK[style.colour], line=style.line, width=style.width)


def node_ink(style: Style) -> Ink:
    """A shape with something written in it."""
    return Ink(stroke=DARK[style.colour], fill=LIGHT[style.colour], line=shaped(style), width=style.width)


def bar_ink(style: Style) -> Ink:
    """A part of a bar."""
    return Ink(stroke=DARK[style.colour], fill=FULL[style.colour], line=style.line)


def shaped(style: Style) -> str:
    """The line, with what of a shape Graphviz takes for a style."""
    return f"rounded {style.line}" if style.shape == "rounded" else style.line


def outline(shape: str) -> str:
    """Graphviz's name of a shape."""
    return "box" if shape == "rounded" else shape


def on_dark(colour: str) -> bool:
    """Whether what is written on a full colour has to be white."""
    return colour in ("blue", "green", "vermilion", "black")
