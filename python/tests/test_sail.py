"""Spark's code on an engine without Java: the same results by files and by rows, and clear errors."""

import os
import pathlib
import unittest
from unittest import mock

import polars
from pyspark.sql import SparkSession
from pysail.spark import SparkConnectServer

import outbreak_trace as ot
from outbreak_trace import _frame
from outbreak_trace import spark as on_spark

from export import BULK, NOW, SAMPLE, SMALL, as_parquet, differences, folder, odd_rows, small_tables, texts


class Sail(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = SparkConnectServer()
        cls.server.start()
        _, port = cls.server.listening_address
        cls.spark = SparkSession.builder.remote(f"sc://localhost:{port}").getOrCreate()

    @classmethod
    def tearDownClass(cls):
        cls.spark.stop()
        cls.server.stop()

    def test_by_files(self):
        for export in (SAMPLE, as_parquet(folder(), parts=3)):
            whole = ot.run(export, now=NOW)
            pieces = on_spark.run_files(self.spark, export, now=NOW)
            self.assertEqual(differences(whole, pieces), [])
            kept = folder() + "/evidence"
            pieces = on_spark.run_files(self.spark, export, now=NOW, evidence=kept)
            self.assertEqual(differences(whole, pieces), [])
            self.assertTrue(list(pathlib.Path(kept).rglob("*.parquet")))
            with mock.patch.object(on_spark, "PIECE", 20_000):
                cut = len(ot.index(export).pieces(20_000)) > len(ot.index(export).files)
                self.assertEqual(cut, export != SAMPLE)
                pieces = on_spark.run_files(self.spark, export, now=NOW)
            self.assertEqual(differences(whole, pieces), [])

    def test_by_rows(self):
        export = as_parquet(folder(), parts=1)
        whole = ot.run(export, now=NOW)
        lake, frames = pathlib.Path(folder()), {}
        for name in BULK:
            rows = polars.DataFrame(texts(name)).with_row_index("_row").with_columns(
                polars.col("_row").cast(polars.Int64),
                polars.lit(f"{name}/part-0.parquet").alias("_file"),
            )
            rows.write_parquet(lake / f"{name}.parquet")
            frames[name] = self.spark.read.parquet(str(lake / f"{name}.parquet"))
        small = small_tables(folder())
        pieces = on_spark.run(self.spark, small, now=NOW, **frames)
        self.assertEqual(differences(whole, pieces), ["summary.json"])
        self.assertEqual(whole.summary["counts"], pieces.summary["counts"])
        self.assertEqual(whole.summary["input"]["tables"], pieces.summary["input"]["tables"])
        # Without their files rows are cited by the frame, and nothing else is another.
        bare = {name: frame.drop("_file", "_row") for name, frame in frames.items()}
        pieces = on_spark.run(self.spark, small, now=NOW, **bare)
        cited = ["datapackage.json", "evidence.csv", "presence.csv", "summary.json"]
        self.assertEqual(differences(whole, pieces), cited)

    def test_what_stays_in_the_source_changes_nothing(self):
        """Rows of every kind, as texts and as Spark's own types: all sent, or those that are needed."""
        spark, small = self.spark, small_tables(folder())
        for seed, (own_types, few) in enumerate([(False, 1000), (True, 1000), (True, 0)]):
            frames = {}
            for table, rows in odd_rows(seed, own_types).items():
                path = f"{folder()}/{table}.parquet"
                rows.write_parquet(path)
                frames[table] = spark.read.parquet(path)
            with mock.patch.object(_frame, "FEW", few):
                sent = on_spark.run(spark, small, now=NOW, max_rejects=20, push_down=False, **frames)
                left = on_spark.run(spark, small, now=NOW, max_rejects=20, **frames)
            self.assertEqual(differences(sent, left), [])
            self.assertGreater(len(left.contacts), 50)
            rejected = left.summary["input"]["tables"]["trajectories"]["rejected"]
            self.assertGreater(rejected, 50)
            index = ot.index(
                small, now=NOW, stays=polars.DataFrame(schema={"person_id": str, "start": str, "_file": str, "_row": int}),
                rows=[(table, table, frame.columns) for table, frame in frames.items()],
            )
            for table, frame in frames.items():
                frame = _frame.Frame(table, frame, {}, True)
                needed = frame.needed(spark, ot.push_down(index, table)).count()
                self.assertLess(needed, 0.7 * sum(frame.counts.values()), table)

    def test_frames_that_cannot_be_used_say_so(self):
        small = small_tables(folder())
        rows = odd_rows(0, False)

        def frame(table, **columns):
            path = f"{folder()}/{table}.parquet"
            table = rows[table].with_columns(**columns)
            (table.head(0) if columns.get("_none") is not None else table).write_parquet(path)
            return self.spark.read.parquet(path)

        plain = frame("trajectories")
        for words, given in (
            ("`_file` has", {"trajectories": frame("trajectories", _file=polars.when(polars.col("_row") > 5).then(polars.col("_file")))}),
            ("no rows of `colocations`", {"trajectories": plain, "colocations": frame("colocations", _none=polars.lit(1))}),
            ("file of both tables", {"trajectories": plain, "colocations": frame("colocations", _file=polars.lit("trajectories/part-0.parquet"))}),
        ):
            with self.assertRaises(ot.TraceError) as raised:
                on_spark.run(self.spark, small, now=NOW, **given)
            self.assertIn(words, str(raised.exception))
        with self.assertRaises(ot.TraceError) as raised:
            on_spark.run(self.spark, small, now=NOW, max_rejects=20, trajectories=plain, evidence=folder() + "/evidence")
        self.assertIn("leave `evidence` out", str(raised.exception))

    def test_two_files_of_one_address_are_two(self):
        read = _frame._read_paths
        # Spark writes addresses in one way: as they are, or with signs for blanks.
        as_they_are = read(["file:/l/a b.parquet", "file:/l/a%20b.parquet"], ["file:///l/a%20b.parquet", "file:///l/a%2520b.parquet"])
        self.assertEqual({of[-1] for of in as_they_are.values()}, {"a b.parquet", "a%20b.parquet"})
        signs = read(["file:/l/a%20b.parquet"], ["file:///l/a%20b.parquet", "file:///l/none.parquet"])
        self.assertEqual({of[-1] for of in signs.values()}, {"a b.parquet", "none.parquet"})

    def test_ids_that_are_written_otherwise_are_found(self):
        """A filter in the source lets pass what the program reads as an id of a case."""
        tables = {name: texts(name) for name in BULK}
        case = texts("cases")["person_id"][0]
        wide = "".join(chr(ord(c) + 0xFEE0) for c in case)
        other = [case, f"{case}\u2003", f"'{case}", wide]
        rows = tables["trajectories"]
        own = iter(range(len(rows["person_id"])))
        rows["person_id"] = [other[next(own) % 4] if id == case else id for id in rows["person_id"]]
        frame = polars.DataFrame(rows).rename({"person_id": "人员编号", "place_id": "place.`id"}).with_row_index("_row").with_columns(
            polars.col("_row").cast(polars.Int64), polars.lit("lake/trajectories.parquet").alias("_file")
        )
        path = pathlib.Path(folder()) / "rows.parquet"
        frame.write_parquet(path)
        given = {name: texts(name) for name in SMALL}
        # Whatever stands in the name of a column.
        columns = {"trajectories": {"place_id": "place.`id"}}
        tables = {**{n: polars.DataFrame(of) for n, of in given.items()}, "trajectories": frame.drop("_row", "_file")}
        whole = ot.run(tables, now=NOW, columns=columns)
        self.assertGreater(len(whole.contacts), 100)
        for few in (1000, 0):
            # By a list, and by a join.
            with mock.patch.object(_frame, "FEW", few):
                rows = self.spark.read.parquet(str(path))
                pieces = on_spark.run(self.spark, small_tables(folder()), trajectories=rows, now=NOW, columns=columns)
            self.assertEqual((whole.path / "contacts.csv").read_bytes(), (pieces.path / "contacts.csv").read_bytes())

    def test_a_damaged_file_is_an_error_and_no_output(self):
        export = as_parquet(folder())
        path = pathlib.Path(export) / "trajectories" / "part-1.parquet"
        whole = path.read_bytes()
        # Its end is as it was, and its middle is not.
        path.write_bytes(whole[: len(whole) // 2] + bytes(64) + whole[len(whole) // 2 + 64 :])
        output = folder() + "/out"
        with self.assertRaises(Exception) as raised:
            on_spark.run_files(self.spark, export, output, now=NOW)
        self.assertIn("part-1.parquet", str(raised.exception))
        self.assertFalse(os.path.exists(output))


if __name__ == "__main__":
    unittest.main()
