"""Many cities at once, out of tables: the same rules as for one case, run by DuckDB.

FACTS ──bindings──▶ Binding for each relation ──loading──▶ views of a database ──running──▶ Batch: tables, summary, ranking
                                                 slicing ──▶ the case file of one city     saving ──▶ files
"""

from .running import Facts, Settings

__all__ = ["Facts", "Settings"]
