"""Many cities at once, out of tables: the same rules as for one case, run by DuckDB.

FACTS ──bindings──▶ Binding for each relation ──loading──▶ views of a database ──running──▶ Batch: tables, summary, ranking
                                                 slicing ──▶ the case file of one city     saving ──▶ files
"""

from .answers import Batch
from .limits import Settings
from .running import Facts
from .saving import save
from .standings import Place, Standing, ranking

__all__ = ["Batch", "Facts", "Place", "Settings", "Standing", "ranking", "save"]
