"""Contact tracing at first degree: close contacts, risk zones and measures.

The same analysis as the program ``trace``, for notebooks, scripts and clusters::

    import outbreak_trace as ot

    results = ot.run("export", policy="cn-2022-11")
    results.summary["counts"]["close_contacts"]
    results.contacts                        # a table: polars.DataFrame(results.contacts)

Tables go in and out by the Arrow PyCapsule interface, which pyarrow, pandas, Polars and DuckDB
speak. Contacts of contacts are never determined. Nothing leaves the machine.

Keyword arguments are the flags of ``trace run`` with ``_`` for ``-``: ``policy`` (a name, or the
path of a ``.toml``), ``set`` (``{"exposure.min_minutes": 15}``), ``as_of``, ``timezone``,
``datum``, ``dates``, ``columns``, ``now``, ``encoding``, ``max_rejects`` (percent) and so on.
Times are texts or ``datetime``. What cannot be asked, read or used raises :class:`TraceError`,
whose text says what to do next.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

from . import _native
from ._native import Index, Table, TraceError
from ._show import as_html

__all__ = [
    "Index",
    "Results",
    "Table",
    "TraceError",
    "check",
    "explain",
    "finish",
    "has_opens",
    "index",
    "policy",
    "run",
    "scan",
    "scan_files",
    "why_not",
]

__version__: str = _native.__version__

BULK = ("trajectories", "colocations")


def _text(value: Any) -> str:
    if isinstance(value, (datetime, date)):
        return value.isoformat(sep=" ") if isinstance(value, datetime) else value.isoformat()
    return str(value)


def _list(value: Any) -> list[str]:
    """Texts of one value, of several, or of a mapping as ``KEY=VALUE``."""
    if value is None:
        return []
    if isinstance(value, Mapping):
        return [f"{key}={_text(one)}" for key, one in value.items()]
    if isinstance(value, (str, bytes)) or not isinstance(value, Iterable):
        return [_text(value)]
    return [_text(one) for one in value]


def _parameters(given: Mapping[str, Any]) -> str:
    """Keyword arguments as what the library reads: JSON, texts and all."""
    said: dict[str, Any] = {}
    for name, value in given.items():
        if value is None:
            continue
        if name in ("set", "timezone", "datum", "dates", "table"):
            said[name] = _list(value)
        elif name == "policy" and (str(value).endswith(".toml") or os.path.isfile(value)):
            said["policy"] = str(value)
            said["policy_text"] = Path(value).read_text(encoding="utf-8")
        elif name == "columns" and isinstance(value, Mapping):
            said["columns_text"] = "".join(
                f"[{table}]\n"
                + "".join(f"{column} = {json.dumps(_list(names))}\n" for column, names in of.items())
                for table, of in value.items()
            )
        elif name == "columns":
            said["columns"] = str(value)
            said["columns_text"] = Path(value).read_text(encoding="utf-8")
        elif name in ("as_of", "now", "max_rejects", "because", "policy", "encoding"):
            said[name] = _text(value)
        else:
            said[name] = value
    return json.dumps(said)


def _data(data: Any, given: dict[str, Any]) -> tuple[str | None, list[tuple[str, Any]]]:
    """A folder and tables in memory. A table may be the path of a file: then it is read there."""
    if isinstance(data, (str, os.PathLike)):
        return os.fspath(data), []
    if not isinstance(data, Mapping):
        raise TypeError(
            f"{type(data).__name__} is no export: give the path of a folder, or a mapping of "
            "names of tables ('cases', 'trajectories', …) to tables"
        )
    tables: list[tuple[str, Any]] = []
    folder = None
    for name, table in data.items():
        if name == "folder":
            folder = os.fspath(table)
        elif isinstance(table, (str, os.PathLike)):
            path = os.path.abspath(os.fspath(table))
            given["table"] = [*_list(given.get("table")), f"{name}={path}"]
        else:
            tables.append((name, table))
    return folder, tables


class Results(Mapping[str, Table]):
    """The results of an analysis: a mapping of the names of tables to tables.

    ``results["contacts"]`` and ``results.contacts`` are the same table; ``results.summary`` is
    ``summary.json``; ``results.path`` the folder with all of it, which goes away with this object
    where no ``output`` was given.
    """

    def __init__(self, path: str | os.PathLike[str], _keep: Any = None) -> None:
        self.path = Path(path)
        self._keep = _keep
        self.summary: dict[str, Any] = json.loads((self.path / "summary.json").read_bytes())
        self._names = _native.tables_of(str(self.path))
        self._tables: dict[str, Table] = {}

    def __getitem__(self, name: str) -> Table:
        if name not in self._names:
            raise KeyError(f"no table is called {name!r}; there are {', '.join(self._names)}")
        if name not in self._tables:
            self._tables[name] = _native.table_of(str(self.path), name)
        return self._tables[name]

    def __getattr__(self, name: str) -> Table:
        if name.startswith("_"):
            raise AttributeError(name)
        try:
            return self[name]
        except KeyError as unknown:
            raise AttributeError(unknown.args[0]) from None

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._names]

    def __repr__(self) -> str:
        counts = self.summary["counts"]
        return (
            f"<Results as of {self.summary['as_of']}, policy {self.summary['policy']['name']}: "
            f"{counts['cases']} cases, {counts['close_contacts']} close contacts; "
            f"{len(self)} tables>"
        )

    def _repr_html_(self) -> str:
        return as_html(repr(self), {name: self[name] for name in self})


def _folder(output: Any) -> tuple[str, Any]:
    if output is not None:
        return os.path.abspath(os.fspath(output)), None
    # Only its owner can look into it.
    keep = tempfile.TemporaryDirectory(prefix="outbreak-trace-")
    return os.path.join(keep.name, "results"), keep


def _output(folder: str, given: dict[str, Any]) -> dict[str, Any]:
    since = given.pop("since", None)
    return {
        "folder": folder,
        "since": None if since is None else os.fspath(since),
        "names": given.pop("names", None),
        "keep": _list(given.pop("keep", None)),
        "looser": bool(given.pop("looser", False)),
        "report": bool(given.pop("report", False)),
        "lang": given.pop("lang", "en"),
    }


def run(data: Any, output: Any = None, *, threads: int = 0, **given: Any) -> Results:
    """Analyses an export: as ``trace run``.

    ``data`` is the path of an export folder, or a mapping of names of tables to tables of anything
    that speaks Arrow, or to paths of files. A row of a table in memory is cited by the line it
    would have in a file with a header: the first is line 2.

    ``output``: a folder for the results (new, empty, or an earlier output, which is replaced).
    ``names``: ``"beside"`` puts names into every table, ``"nowhere"`` reads none. ``looser``: counts
    whom looser practices would hold. ``report``: makes ``report.html``, too. ``since``: an earlier
    output to compare with. ``threads``: 0 for all cores.

    Raises :class:`TraceError` when the export cannot be used. Ctrl-C leaves no output behind.
    """
    folder, keep = _folder(output)
    how = _output(folder, given)
    path, tables = _data(data, given)
    _native.run(path, tables, _parameters(given), how, threads)
    return Results(folder, keep)


def check(data: Any, *, threads: int = 0, **given: Any) -> dict[str, Any]:
    """Reads everything and says what is there: as ``trace check --json``.

    ``verdict`` is one sentence; ``checks`` what to look at, the heaviest first; ``files`` each file
    with its columns and rows.
    """
    path, tables = _data(data, given)
    return json.loads(_native.check(path, tables, _parameters(given), threads))


def _one(**about: str | None) -> tuple[str, str]:
    asked = [(name, id) for name, id in about.items() if id is not None]
    if len(asked) != 1:
        raise TypeError(f"ask about one of {', '.join(about)}")
    return asked[0]


def explain(
    data: Any,
    *,
    person: str | None = None,
    zone: str | None = None,
    case: str | None = None,
    threads: int = 0,
    **given: Any,
) -> dict[str, Any]:
    """Why somebody is a contact, why an area is a zone, what follows from a case: down to the rows.

    As ``trace explain --json``. Raises ``KeyError`` for a zone or a case that is none.
    """
    about, id = _one(person=person, zone=zone, case=case)
    path, tables = _data(data, given)
    said = _native.ask(path, tables, _parameters(given), about, id, None, threads)
    if said is None:
        raise KeyError(f"no {about} is called {id!r}")
    return json.loads(said)


def why_not(
    data: Any, person: str, case: str | None = None, *, threads: int = 0, **given: Any
) -> dict[str, Any]:
    """Why somebody is no close contact: what came nearest, and the condition that failed."""
    path, tables = _data(data, given)
    said = _native.ask(path, tables, _parameters(given), "why_not", person, case, threads)
    return json.loads(said or "{}")


def policy(name: str = "cn-2022-11", **given: Any) -> dict[str, Any]:
    """A policy: every number, and under ``sources`` where it is from."""
    return json.loads(_native.policy(_parameters({"policy": name, **given})))


def index(
    data: Any, *, rows: Any = None, stays: Any = None, threads: int = 0, **given: Any
) -> Index:
    """The first piece of an analysis: what a scan needs, as bytes that go anywhere.

    ``data`` as for :func:`run`. Where the rows of ``trajectories`` and ``colocations`` are neither
    files of the folder nor here (a data lake), ``rows`` names them: ``(name, table, columns)`` for
    each file, and ``stays`` are those rows of ``trajectories`` that are of cases
    (:func:`ids_of_cases` says whose), with the columns ``_file`` and ``_row``.
    """
    path, tables = _data(data, given)
    return _native.index(path, tables, rows or [], stays, _parameters(given), threads)


def ids_of_cases(data: Any, *, rows: Any = None, **given: Any) -> list[str]:
    """The ids under which rows of the people in ``cases`` may stand, aliases with them."""
    path, tables = _data(data, given)
    return _native.ids_of_cases(path, tables, rows or [], _parameters(given))


def known_columns(table: str, columns: Iterable[str], /, **given: Any) -> list[str]:
    """Those of some columns that a table knows, under any name: the others need not be read."""
    return _native.known_columns(table, list(columns), _parameters(given))


def person_columns(table: str, columns: Iterable[str], /, **given: Any) -> list[str]:
    """The columns of a table that name a person, as its header calls them."""
    return _native.person_columns(table, list(columns), _parameters(given))


def scan(
    index: Index, rows: Any, table: str = "trajectories", *, opens: Any = None
) -> Table:
    """The second piece: rows against an index. Pure: it may run twice, anywhere, in any order.

    ``rows``: anything that speaks Arrow, with the columns of the table under any name that the
    program knows, and ``_file`` and ``_row`` (counted from 0) for proof; without these the rows are
    those of the one file of the table, in order. ``opens``: for the second round, the evidence of
    the whole first one. One thread.

    Returns evidence: a table of plain texts and 64-bit numbers.
    """
    opens = None if opens is None else _tables(opens)
    return _native.RowScan(index, table, opens).scan(rows)


def scan_files(
    index: Index,
    root: Any,
    files: Iterable[str] | None = None,
    *,
    opens: Any = None,
    threads: int = 1,
) -> Table:
    """The second piece, over files of the export: by their names in ``index.files``, or those of pieces
    of them (``index.pieces``), below ``root`` on this machine."""
    names = index.files if files is None else list(files)
    if opens is None:
        return _native.scan_files(index, os.fspath(root), names, threads)
    return _native.scan_next_files(index, _tables(opens), os.fspath(root), names, threads)


def _tables(evidence: Any) -> list[Any]:
    """One table of evidence, or several; Parquet files of it are read by the caller."""
    if hasattr(evidence, "__arrow_c_stream__") or hasattr(evidence, "__arrow_c_array__"):
        return [evidence]
    return list(evidence)


def has_opens(evidence: Any) -> bool:
    """Whether stays without an end may match: then a second round is needed (``opens=``)."""
    return _native.has_opens(_tables(evidence))


def ids_with_opens(index: Index, evidence: Any) -> list[str]:
    """The ids under which the rows stand that the second round needs, aliases with them."""
    return _native.ids_with_opens(index, _tables(evidence))


def push_down(index: Index, table: str) -> dict[str, Any] | None:
    """Which rows of a table are needed (predicate push-down), for a condition in the source.

    ``None`` where all are. Else rows may stay there, counted, that are valid, begin before
    ``before`` (seconds since 1970, as all times here), and of which nothing can come: stays at a
    place that is none of ``ids`` or that end no later than ``since``, positions that begin no later
    than ``positions_since``, co-locations of two people who are none of ``ids``. ``columns``: what
    each column of the contract is called in the table. ``offset``: how many seconds its wall-clock
    times are ahead of UTC, ``None`` where that changes. Rows that begin before ``first``, or end at
    ``last`` or later, are needed, too.
    """
    said = _native.push_down(index, table)
    return None if said is None else json.loads(said)


def finish(
    index: Index,
    data: Any,
    evidence: Any,
    *,
    next: Any = None,
    counted: Iterable[tuple[str, int, bool]] | None = None,
    output: Any = None,
    threads: int = 0,
    **given: Any,
) -> Results:
    """The last piece: from the evidence of all rows to the results, the same as of :func:`run`.

    ``data`` is what the index was made of; its small tables are read again. ``evidence``: one table
    or several; ``next``: those of the second round. ``counted``: for files whose rows are elsewhere
    how many there are, and whether those were left there that are not needed (:func:`push_down`).
    Evidence that is missing, there twice, or of another index raises :class:`TraceError`, and there
    is no output; but in a file some of whose rows were left, missing rows are not noticed.
    """
    folder, keep = _folder(output)
    how = _output(folder, given)
    path, tables = _data(data, given)
    unknown = set(given) - {"table"}
    if unknown:
        raise TypeError(f"the index holds what was asked: {', '.join(sorted(unknown))} is too late")
    seen = None if next is None else _tables(next)
    known = None if counted is None else list(counted)
    _native.finish(index, path, tables, _tables(evidence), seen, known, how, threads)
    return Results(folder, keep)
