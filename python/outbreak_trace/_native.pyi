"""The native part: see the functions of the package, which turn arguments into texts for these."""

from collections.abc import Sequence
from typing import Any, final

__version__: str

class TraceError(Exception):
    """What went wrong, where, and what to do next."""

    hint: str | None
    code: int

@final
class Table:
    """A table that speaks the Arrow PyCapsule interface."""

    def __init__(self, table: Any) -> None: ...
    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any: ...
    def __len__(self) -> int: ...
    @property
    def column_names(self) -> list[str]: ...

@final
class Index:
    """What a scan needs: plain bytes, which go anywhere."""

    def __init__(self, bytes: bytes) -> None: ...
    def __bytes__(self) -> bytes: ...
    @property
    def hash(self) -> str: ...
    @property
    def files(self) -> list[str]: ...

@final
class RowScan:
    """A scan of rows."""

    def __init__(self, index: Index, table: str, opens: Sequence[Any] | None = None) -> None: ...
    def scan(self, rows: Any) -> Table: ...

_Tables = Sequence[tuple[str, Any]]
_Rows = Sequence[tuple[str, str, Sequence[str]]]

def run(
    folder: str | None, tables: _Tables, set: str, output: dict[str, Any], threads: int
) -> str: ...
def check(folder: str | None, tables: _Tables, set: str, threads: int) -> str: ...
def ask(
    folder: str | None,
    tables: _Tables,
    set: str,
    about: str,
    id: str,
    case_id: str | None,
    threads: int,
) -> str | None: ...
def policy(set: str) -> str: ...
def known_columns(table: str, columns: Sequence[str], set: str) -> list[str]: ...
def tables_of(folder: str) -> list[str]: ...
def table_of(folder: str, name: str) -> Table: ...
def index(
    folder: str | None, tables: _Tables, rows: _Rows, stays: Any, set: str, threads: int
) -> Index: ...
def ids_of_cases(folder: str | None, tables: _Tables, rows: _Rows, set: str) -> list[str]: ...
def scan_files(index: Index, root: str, files: Sequence[str], threads: int) -> Table: ...
def scan_next_files(
    index: Index, opens: Sequence[Any], root: str, files: Sequence[str], threads: int
) -> Table: ...
def has_opens(evidence: Sequence[Any]) -> bool: ...
def ids_with_opens(index: Index, evidence: Sequence[Any]) -> list[str]: ...
def finish(
    index: Index,
    folder: str | None,
    tables: _Tables,
    evidence: Sequence[Any],
    next: Sequence[Any] | None,
    output: dict[str, Any],
    threads: int,
) -> str: ...
