"""Graphviz in a process of its own: DOT comes in on standard input, a layout or a picture goes out on standard output.

So its fonts, its messages and its crashes are its own, and a program with several threads can draw. Run by `graphviz.py`.
"""

import sys
import warnings


def main(program: str, form: str) -> None:
    """`program`: the layout engine, or `-` where every place is given."""
    warnings.simplefilter("ignore")
    from pygraphviz import AGraph

    graph = AGraph(string=sys.stdin.buffer.read().decode())
    graph.has_layout = program == "-"
    sys.stdout.buffer.write(graph.draw(format=form, prog=None if program == "-" else program))


if __name__ == "__main__":
    main(*sys.argv[1:3])
