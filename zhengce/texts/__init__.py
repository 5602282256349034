"""Reading files at the border: text, YAML and TOML, every value with its place, every failure with a message.

files ──text──▶ yaml_text ──▶ Node            what goes wrong there: yaml_faults
            └─▶ toml_text ──▶ plain values    signs: full-width signs, the commonest mistake of all
"""

from .files import read_bytes, read_text, unwritten, write_whole
from .signs import full_width_hint
from .toml_text import read_toml
from .yaml_text import Node, parse_yaml, read_yaml

__all__ = [
    "Node", "full_width_hint", "parse_yaml", "read_bytes", "read_text", "read_toml", "read_yaml", "unwritten", "write_whole"
]  # fmt: skip
