"""The same analysis on Apache Spark, for a province: the scan runs in Spark's Python workers.

Two ways, with equal results, which are those of ``trace run``:

* :func:`run_files` sends the *names* of files to the workers, and each reads its files with the
  library's own readers: plain Parquet, CSV, gz, zst. Spark moves next to nothing. The workers must
  see the files under one path (NFS, a mount of HDFS or of an object store).
* :func:`run` sends *rows*: anything that Spark reads (Iceberg, Delta, Hive, views, joins), by
  ``mapInArrow``. Columns that no table knows stay in the source; every row is read, and counted.

The small tables (cases, places, persons, …) are an export folder, or tables, where the driver is.
Neither way shuffles: evidence is collected at the driver. A scan is pure, so retries and speculation
change nothing. Spark ≥ 3.5; Sail runs the same code.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import outbreak_trace as ot

#: The columns of evidence, for ``mapInArrow``: plain texts and 64-bit numbers, nothing else.
EVIDENCE_DDL = (
    "kind string, case_id string, person_id string, place_id string, word string, text string, "
    "start bigint, end bigint, lon bigint, lat bigint, number bigint, more bigint, "
    "case_file bigint, case_line bigint, file bigint, line bigint"
)

#: Ids that are read as they stand. All others pass a filter in the source, for they may be read as
#: another text: with blanks, marks that are not seen, quotes, full width, a `.0`, a small x at the end.
PLAIN = r"^[0-9A-Za-z_-]*[0-9A-Za-wyz_-]$"

#: So many people are looked for by a list; more by a join.
FEW = 1000

#: Types whose values are such texts or whole numbers; of others the text is Spark's own.
PLAIN_TYPES = ("string", "varchar", "char", "tinyint", "smallint", "int", "bigint")


def _batches(evidence: Any) -> Iterator[Any]:
    import pyarrow

    yield from pyarrow.table(evidence).to_batches()


class _Known:
    """Indexes that this worker has read already, by their hash: workers live on."""

    indexes: dict[str, ot.Index] = {}

    @classmethod
    def index(cls, hash: str, read: Callable[[], bytes]) -> ot.Index:
        if hash not in cls.indexes:
            cls.indexes = {hash: ot.Index(read())}
        return cls.indexes[hash]


def _scan_files(
    index: bytes, hash: str, root: str, opens: Any = None
) -> Callable[[Iterator[Any]], Iterator[Any]]:
    """For ``mapInArrow`` over a table with a column ``name``."""

    def scan(batches: Iterator[Any]) -> Iterator[Any]:
        known = _Known.index(hash, lambda: index)
        for batch in batches:
            for name in batch.column("name").to_pylist():
                yield from _batches(ot.scan_files(known, root, [name], opens=_opens(opens)))

    return scan


def _scan_rows(
    index: bytes, hash: str, table: str, opens: Any = None
) -> Callable[[Iterator[Any]], Iterator[Any]]:
    """For ``mapInArrow`` over rows of a table."""

    def scan(batches: Iterator[Any]) -> Iterator[Any]:
        import pyarrow

        first = next(batches, None)
        if first is None:
            return
        known = _Known.index(hash, lambda: index)

        def all_of_them() -> Iterator[Any]:
            yield first
            yield from batches

        rows = pyarrow.RecordBatchReader.from_batches(first.schema, all_of_them())
        yield from _batches(ot.scan(known, rows, table, opens=_opens(opens)))

    return scan


def _opens(packed: bytes | None) -> Any:
    if packed is None:
        return None
    import pyarrow

    return pyarrow.ipc.open_stream(packed).read_all()


def _packed(table: Any) -> bytes:
    import pyarrow

    sink = pyarrow.BufferOutputStream()
    with pyarrow.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return sink.getvalue().to_pybytes()


def _collected(frame: Any) -> Any:
    """A frame of evidence as an Arrow table at the driver."""
    import pyarrow

    kinds = dict(part.split() for part in EVIDENCE_DDL.split(", "))
    types = {"string": pyarrow.string(), "bigint": pyarrow.int64()}
    schema = pyarrow.schema([(name, types[kind]) for name, kind in kinds.items()])
    return _arrow(frame, schema)


def _second_round(evidence: Any, scan: Callable[[bytes], Any]) -> Any:
    """The ends of open stays, where there are some."""
    import pyarrow.compute as compute

    if not ot.has_opens(evidence):
        return None
    kinds = evidence.column("kind")
    is_open = compute.or_(compute.equal(kinds, "open"), compute.equal(kinds, "sighting"))
    return scan(_packed(evidence.filter(is_open)))


def run_files(
    spark: Any,
    data: Any,
    output: Any = None,
    *,
    root: Any = None,
    tasks: int | None = None,
    **given: Any,
) -> ot.Results:
    """Analyses an export folder whose files the workers read themselves.

    ``data`` is the folder as the driver sees it, ``root`` as the workers do. ``tasks``: how many
    tasks, one a file by default. The other arguments are those of :func:`outbreak_trace.run`.
    """
    options, parameters = _split(given)
    index = ot.index(data, **parameters)
    root = os.path.abspath(os.fspath(data if root is None else root))
    shipped, hash = bytes(index), index.hash
    names = [(name,) for name in index.files]
    # One file a task: the largest decide, and Spark gives them out as workers come free.
    parts = min(len(names), tasks or len(names))

    def over_files(opens: Any = None) -> Any:
        files = spark.createDataFrame(names, "name string").repartition(max(parts, 1))
        return _collected(
            files.mapInArrow(_scan_files(shipped, hash, root, opens), EVIDENCE_DDL)
        )

    evidence = over_files()
    seen = _second_round(evidence, over_files)
    return ot.finish(index, data, evidence, next=seen, output=output, **options)


def run(
    spark: Any,
    data: Any,
    output: Any = None,
    *,
    trajectories: Any = None,
    colocations: Any = None,
    root: str | None = None,
    **given: Any,
) -> ot.Results:
    """Analyses rows of Spark data frames, with the small tables of ``data``.

    A row is cited by its file and row where Spark knows these (Parquet, by ``_metadata``), else by
    the frame and a number that Spark gives it (:func:`pyspark.sql.functions.monotonically_increasing_id`),
    or by columns ``_file`` and ``_row`` that the frame brings. A table without rows is left out: that
    none came is an error. ``root``: where the folder of the
    export is as Spark calls it: files are cited by their path below it.
    """
    options, parameters = _split(given)
    for name in ("looser", "visitors"):
        if options.get(name) or parameters.get(name):
            raise TypeError(f"{name} needs rows again, which are not here: use run_files")
    if isinstance(data, Mapping) and any(table in data for table in ot.BULK):
        raise TypeError("rows are given as data frames of Spark, or data has them: not both")
    frames = {}
    for table, frame in (("trajectories", trajectories), ("colocations", colocations)):
        if frame is not None:
            frames[table] = _Frame(table, frame, parameters)
    if not frames:
        raise TypeError("give trajectories, colocations, or both")
    names = _names([path for frame in frames.values() for path in frame.paths], root)
    rows = [
        (names[path], table, frame.columns)
        for table, frame in frames.items()
        for path in sorted(frame.paths)
    ]
    stays = None
    if "trajectories" in frames:
        ids = ot.ids_of_cases(data, rows=rows, **parameters)
        stays = frames["trajectories"].of(spark, ids)
    else:
        stays = []
    index = ot.index(data, rows=rows, stays=stays or _no_rows(), **parameters)
    shipped, hash = bytes(index), index.hash

    def over_rows(opens: Any = None, people: Sequence[str] | None = None) -> Any:
        import pyarrow

        found = []
        for table, frame in frames.items():
            scan = _scan_rows(shipped, hash, table, opens)
            source = frame.rows if people is None else frame.among(spark, people)
            found.append(_collected(source.mapInArrow(scan, EVIDENCE_DDL)))
        return pyarrow.concat_tables(found)

    evidence = over_rows()
    people = ot.ids_with_opens(index, evidence) if ot.has_opens(evidence) else None
    seen = _second_round(evidence, lambda opens: over_rows(opens, people))
    return ot.finish(index, data, evidence, next=seen, output=output, **options)


def _no_rows() -> Any:
    import pyarrow

    text, number = pyarrow.string(), pyarrow.int64()
    schema = pyarrow.schema([("person_id", text), ("start", text), ("_file", text), ("_row", number)])
    return schema.empty_table()


_OPTIONS = ("threads", "since", "names", "keep", "looser", "report", "lang")


def _split(given: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What is asked of the results, and what of the analysis."""
    options = {name: given.pop(name) for name in _OPTIONS if name in given}
    return options, given


def _names(paths: Sequence[str], root: str | None) -> dict[str, str]:
    """What files are called in references: their paths below the root; without one, as much of
    the end of each path as tells them apart, and the folder of the file at least."""
    # With the name of a bucket or a server: two may have the same folders.
    def parts_of(path: str) -> list[str]:
        split = urlsplit(path)
        return f"{split.netloc}/{split.path or path}".strip("/").split("/")

    parts = {path: parts_of(path) for path in paths}
    if root is not None:
        above = parts_of(os.fspath(root))
        if all(of[: len(above)] == above for of in parts.values()):
            return {path: "/".join(of[len(above) :]) for path, of in parts.items()}
    count = 2
    while True:
        names = {path: "/".join(of[-count:]) for path, of in parts.items()}
        if len(set(names.values())) == len(names) or count > max(map(len, parts.values())):
            return names
        count += 1


class _Frame:
    """A data frame with the file and the row of each of its rows."""

    def __init__(self, table: str, frame: Any, parameters: dict[str, Any]) -> None:
        self.table = table
        # The others stay in the source. Where none is known all go along, to be named in the message.
        known = {name: parameters[name] for name in ("columns",) if name in parameters}
        columns = ot.known_columns(table, frame.columns, **known) or list(frame.columns)
        self.columns = columns
        #: Those that name a person.
        self.persons = ot.person_columns(table, columns, **known)
        if "_file" in frame.columns and "_row" in frame.columns:
            self.paths = [row[0] for row in frame.select("_file").distinct().collect()]
            self.rows = frame.select(*(f"`{name}`" for name in columns), "_file", "_row")
        elif self._has_metadata(frame):
            self.paths = list(frame.inputFiles())
            quoted = [f"`{name}`" for name in columns]
            self.rows = frame.selectExpr(
                *quoted, "_metadata.file_path as _file", "_metadata.row_index as _row"
            )
        else:
            self.paths = [table]
            quoted = [f"`{name}`" for name in columns]
            self.rows = frame.selectExpr(
                *quoted, f"'{table}' as _file", "monotonically_increasing_id() as _row"
            )

    @staticmethod
    def _has_metadata(frame: Any) -> bool:
        """Whether Spark knows the row of a file: of Parquet only, and not on every engine."""
        try:
            _ = frame.select("_metadata.file_path", "_metadata.row_index").schema
            return bool(frame.inputFiles())
        except Exception:  # noqa: BLE001: each engine has another exception for this
            return False

    def of(self, spark: Any, ids: Iterable[str]) -> Any:
        """The rows of some people, at the driver."""
        return _arrow(self.among(spark, list(ids)), _no_rows().schema)

    def among(self, spark: Any, ids: Sequence[str]) -> Any:
        """The rows of some people, and of ids that may be theirs: few by a list, many by a join with
        a table that is broadcast."""
        from pyspark.sql import functions as F

        types = dict(self.rows.dtypes)
        columns = [f"`{name}`" for name in self.persons]
        if any(not types[name].startswith(PLAIN_TYPES) for name in self.persons):
            return self.rows
        if len(ids) <= FEW:
            wanted = None
            for column in columns:
                id = F.col(column).cast("string")
                is_one = id.isin(list(ids)) | ~id.rlike(PLAIN)
                wanted = is_one if wanted is None else wanted | is_one
            return self.rows.where(wanted)
        # A co-location names two people: it is looked at whole.
        if len(columns) > 1:
            return self.rows
        known = spark.createDataFrame([(id,) for id in sorted(set(ids))], "_id string")
        id = F.col(columns[0]).cast("string")
        joined = self.rows.withColumn("_key", id).join(
            F.broadcast(known), F.col("_key") == F.col("_id"), "left"
        )
        return joined.where(F.col("_id").isNotNull() | ~id.rlike(PLAIN)).drop("_key", "_id")


def _arrow(frame: Any, schema: Any) -> Any:
    """A small frame as an Arrow table; of this schema where it has no rows and Spark no word for it."""
    import pyarrow

    if hasattr(frame, "toArrow"):
        return pyarrow.table(frame.toArrow())
    # Spark 3.5. Through pandas times would lose their zone.
    batches = frame._collect_as_arrow()
    return pyarrow.Table.from_batches(batches) if batches else schema.empty_table()
