"""What is inside a network: layer tables, arithmetic, reference operators."""

from convatlas.anatomy.table import Field, Row, Table
from convatlas.anatomy.tracing import trace

__all__ = ["Field", "Row", "Table", "trace"]
