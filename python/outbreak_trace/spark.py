"""The same analysis on Apache Spark, for a province: the scan runs in Spark's Python workers.

Two ways, with equal results, which are those of ``trace run``:

* :func:`run_files` sends the *names* of files to the workers, and each reads its files with the
  library's own readers: plain Parquet, CSV, gz, zst. Spark moves next to nothing. The workers must
  see the files under one path (NFS, a mount of HDFS or of an object store).
* :func:`run` sends *rows*: anything that Spark reads (Iceberg, Delta, Hive, views, joins), by
  ``mapInArrow``. Columns that no table knows stay in the source, and so do rows that are valid and of
  which nothing can come: for their place, their time, or whom they are of. They are counted there.

The small tables (cases, places, persons, …) are an export folder, or tables, where the driver is.
Evidence is never shuffled: it is collected at the driver, or written (``evidence=``) and read there. A
scan is pure, so retries and speculation change nothing. Spark ≥ 3.5; Sail runs the same code.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import outbreak_trace as ot

from ._frame import Frame, as_arrow, parts_of, with_names

#: The columns of evidence, for ``mapInArrow``: plain texts and 64-bit numbers, nothing else.
EVIDENCE_DDL = (
    "kind string, case_id string, person_id string, place_id string, word string, text string, "
    "start bigint, end bigint, lon bigint, lat bigint, number bigint, more bigint, "
    "case_file bigint, case_line bigint, file bigint, line bigint"
)

#: Bytes of a Parquet file for one task: as many as Spark itself gives one.
PIECE = 128 << 20


def _batches(evidence: Any) -> Iterator[Any]:
    import pyarrow

    yield from pyarrow.table(evidence).to_batches()


class _Known:
    """The index that this worker read last, by its hash: workers live on between tasks."""

    indexes: dict[str, ot.Index] = {}

    @classmethod
    def index(cls, hash: str, read: Callable[[], bytes]) -> ot.Index:
        if hash not in cls.indexes:
            cls.indexes = {hash: ot.Index(read())}
        return cls.indexes[hash]


class _Carried:
    """Bytes that travel with each task, where the engine cannot broadcast."""

    def __init__(self, value: bytes) -> None:
        self.value = value


def _shipped(spark: Any, value: bytes) -> Any:
    """Bytes on their way to the workers: to each once, where the engine can."""
    try:
        return spark.sparkContext.broadcast(value)
    except Exception:  # noqa: BLE001: Spark Connect and Sail have no such context
        return _Carried(value)


def _scan_files(
    index: Any, hash: str, root: str, opens: Any = None
) -> Callable[[Iterator[Any]], Iterator[Any]]:
    """For ``mapInArrow`` over a table with a column ``name``."""

    def scan(batches: Iterator[Any]) -> Iterator[Any]:
        known = _Known.index(hash, lambda: index.value)
        for batch in batches:
            for name in batch.column("name").to_pylist():
                yield from _batches(ot.scan_files(known, root, [name], opens=_opens(opens)))

    return scan


def _scan_rows(
    index: Any, hash: str, of: tuple[str, dict[str, str]], opens: Any = None
) -> Callable[[Iterator[Any]], Iterator[Any]]:
    """For ``mapInArrow`` over rows of a table, whose files have these names in the index."""
    table, names = of

    def scan(batches: Iterator[Any]) -> Iterator[Any]:
        import pyarrow

        first = next(batches, None)
        if first is None:
            return
        known = _Known.index(hash, lambda: index.value)

        first = with_names(first, names)

        def all_of_them() -> Iterator[Any]:
            yield first
            yield from (with_names(batch, names) for batch in batches)

        rows = pyarrow.RecordBatchReader.from_batches(first.schema, all_of_them())
        yield from _batches(ot.scan(known, rows, table, opens=_opens(opens)))

    return scan


def _opens(packed: Any) -> Any:
    if packed is None:
        return None
    import pyarrow

    return pyarrow.ipc.open_stream(packed.value).read_all()


def _packed(table: Any) -> bytes:
    import pyarrow

    sink = pyarrow.BufferOutputStream()
    with pyarrow.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return sink.getvalue().to_pybytes()


def _schema() -> Any:
    """The columns of evidence as Arrow has them."""
    import pyarrow

    kinds = dict(part.split() for part in EVIDENCE_DDL.split(", "))
    types = {"string": pyarrow.string(), "bigint": pyarrow.int64()}
    return pyarrow.schema([(name, types[kind]) for name, kind in kinds.items()])


class _Evidence:
    """What workers find, at the driver: collected, or written to a folder and read from there."""

    def __init__(self, spark: Any, folder: str | None) -> None:
        self.spark, self.folder = spark, folder

    def of(self, frame: Any, name: str) -> Any:
        """The evidence of a frame, an Arrow table."""
        if self.folder is None:
            return as_arrow(frame, _schema())
        path = f"{self.folder.rstrip('/')}/{name}"
        frame.write.parquet(path)
        return self._read(path)

    def of_rows(self, frame: Any, name: str) -> Any:
        """The same for evidence of rows. A file that is read twice, or not at all, is noticed at
        the end. Where some rows were left a missing row is not: so what is written is counted.
        Where each worker has a folder of its own, Spark writes, too, and reports no error."""
        if self.folder is None:
            return self.of(frame, name)
        from pyspark.sql import Observation
        from pyspark.sql import functions as F

        written = Observation()
        counted = frame.observe(written, F.count(F.lit(1)).alias("rows"))
        try:
            found = self.of(counted, name)
        except Exception as error:
            if "Unsupported" not in type(error).__name__:
                raise
            raise ot.TraceError(
                "this engine cannot count the rows that it writes\nhint: leave `evidence` out"
            ) from error
        if found.num_rows != written.get["rows"]:
            raise ot.TraceError(
                f"{written.get['rows']} rows of evidence were written to `{self.folder}`, and "
                f"{found.num_rows} are there\nhint: name a folder that all workers and the driver share"
            )
        return found

    def _read(self, path: str) -> Any:
        import pyarrow.parquet

        here = path.removeprefix("file://")
        if os.path.isdir(here):
            # Past what `spark.driver.maxResultSize` allows.
            return pyarrow.parquet.read_table(here, schema=_schema())
        return as_arrow(self.spark.read.parquet(path), _schema())


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
    evidence: str | None = None,
    **given: Any,
) -> ot.Results:
    """Analyses an export folder whose files the workers read themselves.

    ``data`` is the folder as the driver sees it, ``root`` as the workers do. ``tasks``: how many
    tasks; by default one for each file, and of Parquet one for each 128 MB. ``evidence``: a new folder
    for the evidence, which is collected without one. The other arguments are those of
    :func:`outbreak_trace.run`.
    """
    options, parameters = _split(given)
    index = ot.index(data, **parameters)
    root = os.path.abspath(os.fspath(data if root is None else root))
    shipped, hash = _shipped(spark, bytes(index)), index.hash
    gathered = _Evidence(spark, evidence)
    names = [(name,) for name in index.pieces(PIECE)]
    # One piece a task: the largest decide, and Spark gives them out as workers come free.
    parts = min(len(names), tasks or len(names))

    def over_files(opens: bytes | None = None) -> Any:
        files = spark.createDataFrame(names, "name string").repartition(max(parts, 1))
        packed = None if opens is None else _shipped(spark, opens)
        scan = files.mapInArrow(_scan_files(shipped, hash, root, packed), EVIDENCE_DDL)
        return gathered.of(scan, "files" if opens is None else "files-next")

    found = over_files()
    seen = _second_round(found, over_files)
    return ot.finish(index, data, found, next=seen, output=output, **options)


def run(
    spark: Any,
    data: Any,
    output: Any = None,
    *,
    trajectories: Any = None,
    colocations: Any = None,
    root: str | None = None,
    push_down: bool = True,
    evidence: str | None = None,
    **given: Any,
) -> ot.Results:
    """Analyses rows of Spark data frames, with the small tables of ``data``.

    A row is cited by its file and row where Spark knows these (Parquet, by ``_metadata``), else by
    the frame and a number that Spark gives it, or by columns ``_file`` and ``_row`` that the frame
    brings. Leave a table without rows out: a frame that has none is an error. ``root``: the folder
    of the export, as Spark calls it: files are cited by their path below it.

    ``push_down``: rows of which nothing can come stay in the source, where they are counted: that is
    a pass more over a few columns. ``False`` sends every row once. ``evidence``: a new folder for the
    evidence, which is collected without one; workers and driver must share it.
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
            frames[table] = Frame(table, frame, parameters, push_down)
    if not frames:
        raise TypeError("give trajectories, colocations, or both")
    paths = {path: parts for frame in frames.values() for path, parts in frame.paths.items()}
    names = _names(paths, root)
    of_tables = [{names[path] for path in frame.paths} for frame in frames.values()]
    both = sorted(set.intersection(*of_tables)) if len(of_tables) > 1 else []
    if both:
        raise ot.TraceError(
            f"`{both[0]}` is a file of both tables\nhint: give `_file` another name in one of them"
        )
    rows = [
        (name, table, frame.columns)
        for table, frame in frames.items()
        for name in sorted({names[path] for path in frame.paths})
    ]
    stays = _no_rows()
    if "trajectories" in frames:
        ids = ot.ids_of_cases(data, rows=rows, **parameters)
        stays = with_names(frames["trajectories"].of(spark, ids, _no_rows().schema), names)
    index = ot.index(data, rows=rows, stays=stays, **parameters)
    shipped, hash = _shipped(spark, bytes(index)), index.hash
    gathered = _Evidence(spark, evidence)
    needed = {}
    for table, frame in frames.items():
        down = ot.push_down(index, table) if push_down else None
        needed[table] = frame.needed(spark, down)

    def over_rows(opens: bytes | None = None, people: Sequence[str] | None = None) -> Any:
        import pyarrow

        found = []
        packed = None if opens is None else _shipped(spark, opens)
        for table, frame in frames.items():
            some = needed[table] if people is None else frame.among(spark, people)
            source = frame.rows if some is None else some
            scan = _scan_rows(shipped, hash, (table, names), packed)
            scan = source.mapInArrow(scan, EVIDENCE_DDL)
            found.append(gathered.of_rows(scan, table if opens is None else f"{table}-next"))
        return pyarrow.concat_tables(found)

    found = over_rows()
    people = ot.ids_with_opens(index, found) if ot.has_opens(found) else None
    seen = _second_round(found, lambda opens: over_rows(opens, people))
    counted = [
        of
        for table, frame in frames.items()
        for of in frame.counted(names, needed[table] is not None)
    ]
    # Where a frame was not counted, how many rows it has only its evidence says.
    counted = counted if all(frame.counts is not None for frame in frames.values()) else None
    return ot.finish(
        index, data, found, next=seen, counted=counted, output=output, **options
    )


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


def _names(paths: Mapping[str, Sequence[str]], root: str | None) -> dict[str, str]:
    """What files are called in references: their paths below the root; without one, as much of
    the end of each path as tells them apart, and the folder of the file at least."""
    if root is not None:
        for encoded in (False, True):
            above = parts_of(os.fspath(root), encoded)
            if all(list(of[: len(above)]) == above for of in paths.values()):
                return {path: "/".join(of[len(above) :]) for path, of in paths.items()}
    count, files = 2, len({tuple(of) for of in paths.values()})
    while True:
        names = {path: "/".join(of[-count:]) for path, of in paths.items()}
        if len(set(names.values())) == files or count > max(map(len, paths.values())):
            return names
        count += 1
