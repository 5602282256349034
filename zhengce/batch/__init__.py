"""Many cities at once, out of tables: the same rules as for one case, run by DuckDB.

FACTS ──bindings──▶ Binding for each relation ──loading──▶ views of a database ──running──▶ Batch: tables, summary, ranking
                                                 slicing ──▶ the case file of one city     saving ──▶ files
"""

from .answers import Batch
from .running import Facts, Settings
from .saving import save

__all__ = ["Batch", "Facts", "Settings", "save"]
