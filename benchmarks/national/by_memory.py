"""The rules of the score by the engine `memory`, which is meant for a case or a province."""

from functools import partial

from by_engines import evaluated

score = partial(evaluated, engine="memory")
