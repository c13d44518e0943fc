"""Data frames of Spark: which file and row each row is, which rows are needed, and Arrow out of it.

What is not needed stays in the source, counted (predicate push-down). A condition here may take fewer
rows for ordinary than the reader does, never more: what it is not sure of goes to the reader.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote

import outbreak_trace as ot

#: Ids that are read as they stand. All others are for the reader, who may read another text, or none: they
#: have blanks, marks that are not seen, quotes, full width, a `.0`, a small x at the end, or no digit, as
#: words for nothing.
PLAIN = r"^[A-Za-z一-鿿_-]{0,50}[0-9](?:[0-9A-Za-z一-鿿_-]{0,50}[0-9A-Za-wyz一-鿿_-])?\z"

#: Times as texts that the reader takes for what they say, of days that every such month has.
MOMENT = (
    r"^\d{4}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)"
    r" (?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\z"
)

#: Numbers as texts that the reader takes for such.
NUMBER = r"^-?\d{1,9}(?:\.\d{1,15})?\z"

#: Up to this many ids are looked for by a list (``isin``); more by a broadcast join.
FEW = 1000

#: More hot places than this are not sent: then the time alone decides.
MANY = 1_000_000

#: Types whose values are texts or whole numbers; of others the text is Spark's own.
TEXTS = ("string", "varchar", "char")
WHOLE = ("tinyint", "smallint", "int", "bigint")
NUMBERS = (*WHOLE, "float", "double", "decimal")


def quoted(name: str) -> str:
    """The name of a column, whatever stands in it."""
    return "`" + name.replace("`", "``") + "`"


class Frame:
    """A data frame with the file and the row of each of its rows."""

    def __init__(self, table: str, frame: Any, parameters: dict[str, Any], count: bool) -> None:
        self.table = table
        # The others stay in the source. Where none is known all go along, to be named in the message.
        known = {name: parameters[name] for name in ("columns",) if name in parameters}
        columns = ot.known_columns(table, frame.columns, **known) or list(frame.columns)
        self.columns = columns
        #: Those that name a person.
        self.persons = ot.person_columns(table, columns, **known)
        names = [quoted(name) for name in columns]
        #: How many rows of each file there are, if that is counted.
        self.counts: dict[str, int] | None = None
        #: The files, as the rows call them, each as its folders and its name.
        self.paths: dict[str, list[str]] = {table: [table]}
        if "_file" in frame.columns and "_row" in frame.columns:
            self.rows = frame.select(*names, "_file", "_row")
            self.counts = _by_file(frame.selectExpr("cast(_file as string) as _file"))
            self.paths = {path: parts_of(path, False) for path in self.counts}
        elif _has_metadata(frame):
            self.rows = frame.selectExpr(
                *names, "_metadata.file_path as _file", "_metadata.row_index as _row"
            )
            self.counts = _by_file(frame.selectExpr("_metadata.file_path as _file"))
            self.paths = _read_paths(list(self.counts), frame.inputFiles())
        else:
            self.rows = _numbered(frame.selectExpr(*names, f"'{table}' as _file"))
            if count:
                self.counts = {table: frame.count()}
        if not self.paths:
            raise ot.TraceError(f"no rows of `{table}` came\nhint: leave the table out, or look at the frame")
        self.types = dict(self.rows.dtypes)

    def counted(self, names: dict[str, str], some_left: bool) -> list[tuple[str, int, bool]]:
        """What is said of it at the end."""
        return [(names[path], rows, some_left) for path, rows in (self.counts or {}).items()]

    def of(self, spark: Any, ids: Iterable[str], schema: Any) -> Any:
        """The rows of some people, at the driver."""
        return as_arrow(self.among(spark, list(ids)), schema)

    def among(self, spark: Any, ids: Sequence[str]) -> Any:
        """The rows of some people, and of ids that may be theirs."""
        wanted, rows = None, self.rows
        for name in self.persons:
            plain = self._is_plain(name)
            if plain is None:
                return self.rows
            rows, found = self._is_one(spark, rows, name, ids)
            found = found | ~plain
            wanted = found if wanted is None else wanted | found
        return rows.where(wanted).select(*map(quoted, self.rows.columns))

    def needed(self, spark: Any, down: dict[str, Any] | None) -> Any:
        """The rows that are not left where they are; nothing where that is all of them."""
        if down is None or self.counts is None:
            return None
        of = down["columns"]
        if self.table == "colocations":
            left, rows = self._left_of_colocations(spark, down, of)
        else:
            left, rows = self._left_of_stays(spark, down, of)
        if left is None:
            return None
        from pyspark.sql import functions as F

        return rows.where(~F.coalesce(left, F.lit(False))).select(*map(quoted, self.rows.columns))

    def _left_of_stays(self, spark: Any, down: dict[str, Any], of: dict[str, str]) -> Any:
        rows, either = self.rows, []
        person = self._is_plain(of["person_id"])
        if "place_id" in of and "end" in of:
            place, times = self._is_plain(of["place_id"]), self._times(down, of, 1)
            if person is not None and place is not None and times is not None:
                ordinary, moment = times
                far = self.column(of["end"]) <= moment(down["since"])
                if len(down["ids"]) <= MANY:
                    rows, hot = self._is_one(spark, rows, of["place_id"], down["ids"])
                    far = far | ~hot
                given = ("person_id", "place_id", "start", "end")
                either.append(person & place & ordinary & far & self._blank(of, given))
        if "lon" in of and "lat" in of:
            at, times = self._position(of), self._times(down, {"start": of["start"]}, 0)
            if person is not None and times is not None:
                ordinary, moment = times
                early = self.column(of["start"]) <= moment(down["positions_since"])
                given = ("person_id", "lon", "lat", "start")
                either.append(person & at & ordinary & early & self._blank(of, given))
        if not either:
            return None, rows
        return either[0] if len(either) == 1 else _or(*either), rows

    def _left_of_colocations(self, spark: Any, down: dict[str, Any], of: dict[str, str]) -> Any:
        rows = self.rows
        ids = [self._is_plain(of[name]) for name in ("person_a", "person_b")]
        lasts = self._lasts(down, of)
        if lasts is None or any(id is None for id in ids):
            return None, rows
        left = ids[0] & ids[1] & lasts
        left = left & (self._text(of["person_a"]) != self._text(of["person_b"]))
        for name in ("person_a", "person_b"):
            rows, case = self._is_one(spark, rows, of[name], down["ids"])
            left = left & ~case
        for name, least in (("distance_m", 0), ("rssi_dbm", -1e9)):
            if name in of:
                blank = self._blank({name: of[name]}, ())
                left = left & (blank | self._between(of[name], least, 1e9))
        if "place_id" in of:
            place = self._is_plain(of["place_id"])
            if place is None:
                return None, rows
            left = left & (self.column(of["place_id"]).isNull() | place)
        given = ("person_a", "person_b", "start", "end", "seconds", "distance_m", "rssi_dbm", "place_id")
        return left & self._blank(of, given), rows

    def _lasts(self, down: dict[str, Any], of: dict[str, str]) -> Any:
        """Whether a co-location has a start, and an end or a length."""
        both, start = self._times(down, of, 0), self._times(down, {"start": of["start"]}, 0)
        either = None
        if "end" in of and both is not None:
            either = both[0] & self._blank(of, [name for name in of if name != "seconds"])
        if "seconds" in of and start is not None:
            length = self.column(of["seconds"])
            known = None
            if self._is(of["seconds"], WHOLE):
                known = length.between(0, 10**9)
            elif self._is(of["seconds"], TEXTS):
                known = length.rlike(r"^\d{1,9}\z")
            if known is not None:
                known = known & start[0] & self._blank(of, [name for name in of if name != "end"])
                either = known if either is None else _or(either, known)
        return either

    @staticmethod
    def column(name: str) -> Any:
        from pyspark.sql import functions as F

        return F.col(quoted(name))

    def _text(self, name: str) -> Any:
        return self.column(name).cast("string")

    def _is(self, name: str, types: tuple[str, ...]) -> bool:
        # A text with a collation is compared as it says, and not by its bytes: of that nothing is known here.
        return self.types[name].split("(")[0] in types

    def _is_plain(self, name: str) -> Any:
        """Whether an id is read as it stands; nothing where that cannot be said."""
        if self._is(name, WHOLE):
            return self.column(name).isNotNull()
        if not self._is(name, TEXTS):
            return None
        from pyspark.sql import functions as F

        return F.coalesce(self.column(name).rlike(PLAIN), F.lit(False))

    def _is_one(self, spark: Any, rows: Any, name: str, ids: Iterable[str]) -> Any:
        """The rows, and whether a column is one of some ids: few by a list, many by a join."""
        from pyspark.sql import functions as F

        ids = sorted(set(ids))
        if not ids:
            return rows, F.lit(False)
        if len(ids) <= FEW:
            return rows, F.coalesce(self._text(name).isin(*ids), F.lit(False))
        mark = f"_one_of_{self.persons.index(name) if name in self.persons else 'places'}"
        known = F.broadcast(spark.createDataFrame([(id,) for id in ids], f"{mark} string"))
        return rows.join(known, self._text(name) == F.col(mark), "left"), F.col(mark).isNotNull()

    def _times(
        self, down: dict[str, Any], of: dict[str, str], least: int
    ) -> tuple[Any, Callable[[int], Any]] | None:
        """Whether the times of a row are ordinary, and at least ``least`` seconds apart; and how a
        moment is written in such a column."""
        from pyspark.sql import functions as F

        names = [of[name] for name in ("start", "end") if name in of]
        types = {self.types[name] for name in names}
        kind = types.pop()
        offset = down["offset"]
        if types or (kind != "timestamp" and offset is None):
            return None

        def wall(seconds: int) -> Any:
            # Behind `last` nothing is left in the source, and no wall shows a moment before `first`.
            seconds = max(down["first"] - 86_400, min(seconds, down["last"])) + offset
            return F.lit(str(datetime(1970, 1, 1) + timedelta(seconds=seconds)))

        start, end = self.column(names[0]), self.column(names[-1])
        if kind == "timestamp":
            moment = lambda seconds: F.timestamp_seconds(F.lit(seconds))  # noqa: E731
        elif kind == "timestamp_ntz":
            moment = lambda seconds: wall(seconds).cast("timestamp_ntz")  # noqa: E731
        elif self._is(names[0], TEXTS):
            moment = wall
        else:
            return None
        ordinary = (start >= moment(down["first"])) & (start < moment(down["before"]))
        if self._is(names[0], TEXTS):
            for name in names:
                ordinary = ordinary & self.column(name).rlike(MOMENT)
            apart = end > start if least else end >= start
        else:
            apart = end >= start + F.expr(f"interval {least} seconds")
        if len(names) == 2:
            ordinary = ordinary & apart & (end < moment(down["last"]))
        return ordinary, moment

    def _position(self, of: dict[str, str]) -> Any:
        """Whether a row is somewhere on the earth."""
        lon, lat = self._between(of["lon"], -180, 180), self._between(of["lat"], -90, 90)
        # Nought and nought is what a device writes that does not know where it is.
        known = ~self._between(of["lon"], 0, 0) | ~self._between(of["lat"], 0, 0)
        return lon & lat & known

    def _between(self, name: str, least: float, most: float) -> Any:
        """Whether a column is a number, and lies between two."""
        from pyspark.sql import functions as F

        column = self.column(name)
        if self._is(name, TEXTS):
            number = F.expr(f"try_cast({quoted(name)} as double)")
            is_one = column.rlike(NUMBER) & number.between(least, most)
        elif self._is(name, NUMBERS):
            is_one = column.between(least, most)
        else:
            return F.lit(False)
        return F.coalesce(is_one, F.lit(False))

    def _blank(self, of: dict[str, str], given: Sequence[str]) -> Any:
        """Whether the other columns of a row say nothing."""
        from pyspark.sql import functions as F

        blank = F.lit(True)
        for name, called in of.items():
            if name in given:
                continue
            column = self.column(called)
            is_blank = column.isNull()
            if self._is(called, TEXTS):
                is_blank = is_blank | (column == "")
            if self.types[called] == "boolean" and name == "protected":
                is_blank = is_blank | ~column
            blank = blank & is_blank
        return blank


def _or(one: Any, other: Any) -> Any:
    """Where one of them is null the other still counts."""
    from pyspark.sql import functions as F

    return F.coalesce(one, F.lit(False)) | F.coalesce(other, F.lit(False))


def _by_file(frame: Any) -> dict[str, int]:
    counts = {row[0]: row[1] for row in frame.groupBy("_file").count().collect()}
    if None in counts:
        raise ot.TraceError(
            f"the column `_file` has {counts[None]} blank cells\nhint: say of each row which file it is of"
        )
    return counts


def parts_of(path: str, encoded: bool) -> list[str]:
    """The folders and the name of a file; the name of a server or a bucket before them: two may have the
    same folders."""
    parts = re.sub(r"^[A-Za-z][A-Za-z0-9+.-]+:/{1,3}", "", path).strip("/").split("/")
    return [unquote(part) for part in parts] if encoded else parts


def _read_paths(said: Sequence[str], files: Sequence[str]) -> dict[str, list[str]]:
    """The files that rows name, and those that have no rows. Spark writes the address of a file now with
    ``%20`` for a blank, now as it is, and with one stroke or three behind ``file:``."""
    known = {tuple(parts_of(file, False)) for file in files}
    encoded = all(tuple(parts_of(path, False)) in known for path in said)
    paths = {path: parts_of(path, encoded) for path in said}
    named = set(map(tuple, paths.values()))
    rest = {file: parts_of(file, True) for file in files}
    return paths | {file: parts for file, parts in rest.items() if tuple(parts) not in named}


def with_names(rows: Any, names: dict[str, str]) -> Any:
    """Rows, or a batch of them, whose files are called as in the index."""
    import pyarrow

    at = rows.schema.get_field_index("_file")
    column = rows.column(at)
    chunks = column.chunks if isinstance(column, pyarrow.ChunkedArray) else [column]
    renamed = []
    for chunk in chunks:
        known = chunk.cast(pyarrow.string()).dictionary_encode()
        called = [None if path is None else names.get(path, path) for path in known.dictionary.to_pylist()]
        of = pyarrow.array(called, pyarrow.string())
        renamed.append(of.take(known.indices))
    if isinstance(column, pyarrow.ChunkedArray):
        renamed = pyarrow.chunked_array(renamed, pyarrow.string())
        return rows.set_column(at, "_file", renamed)
    columns = [*rows.columns[:at], renamed[0], *rows.columns[at + 1 :]]
    return pyarrow.RecordBatch.from_arrays(columns, names=rows.schema.names)


def _has_metadata(frame: Any) -> bool:
    """Whether Spark knows the row of a file: of Parquet only, and not on every engine."""
    log = logging.getLogger("DataFrameQueryContextLogger")
    was, log.disabled = log.disabled, True
    try:
        # Without files there is nothing to ask. Of a join there are, and Spark logs that it does not know.
        return bool(frame.inputFiles()) and bool(
            frame.select("_metadata.file_path", "_metadata.row_index").columns
        )
    except Exception:  # noqa: BLE001: each engine has another exception for this
        return False
    finally:
        log.disabled = was


def _numbered(frame: Any) -> Any:
    """With a number for each row: its partition, and its place there. Spark leaves room for 2^33 rows of
    a partition and trace for 2^43 of a file: so 2^26 rows of each of 2^17 partitions have a number. A
    row behind has -1, which the scan refuses."""
    from pyspark.sql import functions as F

    given = frame.withColumn("_trace_id", F.monotonically_increasing_id())
    part, row = F.shiftright("_trace_id", 33), F.col("_trace_id").bitwiseAND(F.lit((1 << 33) - 1))
    number = F.when(row < F.lit(1 << 26), F.shiftleft(part, 26) + row).otherwise(F.lit(-1))
    return given.withColumn("_row", number.cast("bigint")).drop("_trace_id")


def as_arrow(frame: Any, schema: Any) -> Any:
    """A small frame as an Arrow table; of this schema where it has no rows and Spark no word for it."""
    import pyarrow

    if hasattr(frame, "toArrow"):
        return pyarrow.table(frame.toArrow())
    # Spark 3.5. Through pandas times would lose their zone.
    batches = frame._collect_as_arrow()
    return pyarrow.Table.from_batches(batches) if batches else schema.empty_table()
