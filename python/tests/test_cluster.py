"""Spark itself, on a master and two workers: equal results, and what happens when parts of it die.

What dies does so inside the first attempt at a task, so that no clock decides.
"""

import contextlib
import hashlib
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import unittest
from unittest import mock

from pyspark import cloudpickle

import outbreak_trace as ot
from outbreak_trace import _frame
from outbreak_trace import spark as on_spark

from cluster import Cluster
from export import BULK, NOW, SAMPLE, as_parquet, differences, folder, odd_rows, small_tables

# What dies is code of this file, which workers do not have.
cloudpickle.register_pickle_by_value(sys.modules[__name__])

PARTS = 6
EXPORT = as_parquet(folder(), parts=PARTS)
# Spark calls it by its address, in which blanks and signs are written otherwise.
_ODD = pathlib.Path(EXPORT) / "trajectories"
(_ODD / "part-0.parquet").rename(_ODD / "part 甲+%20=0.parquet")
WHOLE = ot.run(EXPORT, now=NOW)


def parent(pid):
    """The process that started another."""
    status = pathlib.Path(f"/proc/{pid}/stat").read_text()
    return int(status.rsplit(")", 1)[1].split()[1])


def dying(scan, once, how):
    """The scan of a task, which dies on its way the first time that anybody runs it."""

    def scan_or_die(batches):
        try:
            os.close(os.open(once, os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            yield from scan(batches)
            return
        how()
        yield from scan(batches)

    return scan_or_die


def abort():
    os.abort()


def _executor():
    """The executor of this worker: a Java process above the daemon that starts workers."""
    pid = os.getpid()
    while b"java" not in pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[0]:
        pid = parent(pid)
    return pid


def kill_executor():
    os.kill(_executor(), signal.SIGKILL)


def kill_worker_daemon():
    executor = _executor()
    daemon = parent(executor)
    os.kill(daemon, signal.SIGKILL)
    os.kill(executor, signal.SIGKILL)


class OnSpark(unittest.TestCase):
    def frames(self, spark):
        return {name: spark.read.parquet(f"{EXPORT}/{name}") for name in BULK}

    def by_files(self, spark, **more):
        return on_spark.run_files(spark, EXPORT, now=NOW, **more)

    def by_rows(self, spark, **more):
        small = small_tables(folder())
        return on_spark.run(spark, small, root=EXPORT, now=NOW, **self.frames(spark), **more)

    def test_by_files_and_by_rows(self):
        with Cluster() as cluster, cluster.session() as spark:
            self.assertEqual(differences(WHOLE, self.by_files(spark)), [])
            packed = on_spark.run_files(spark, SAMPLE, now=NOW)
            self.assertEqual(differences(ot.run(SAMPLE, now=NOW), packed), [])
            # Rows are cited by their files; how large these are Spark does not say.
            rows = self.by_rows(spark)
            self.assertEqual(differences(WHOLE, rows), ["summary.json"])
            self.assertEqual(WHOLE.summary["input"]["tables"], rows.summary["input"]["tables"])
            kept = folder() + "/evidence"
            rows = self.by_rows(spark, evidence=kept)
            self.assertEqual(differences(WHOLE, rows), ["summary.json"])
            self.assertTrue(list(pathlib.Path(kept).rglob("*.parquet")))
            # A folder that is not shared has less than was written.
            read = on_spark._Evidence._read
            with mock.patch.object(on_spark._Evidence, "_read", lambda *of: read(*of).slice(1)):
                with self.assertRaises(ot.TraceError) as raised:
                    self.by_rows(spark, evidence=f"{kept}-of-nobody")
            self.assertIn("share", str(raised.exception))
            # Times as Spark has them, whatever zone its session is in.
            from pyspark.sql import functions as F

            spark.conf.set("spark.sql.session.timeZone", "Asia/Shanghai")
            typed = self.frames(spark)
            for name in ("start", "end"):
                typed["trajectories"] = typed["trajectories"].withColumn(name, F.to_timestamp(name))
            rows = on_spark.run(spark, small_tables(folder()), now=NOW, **typed)
            self.assertEqual(WHOLE.summary["counts"], rows.summary["counts"])

    def test_what_stays_in_the_source_changes_nothing(self):
        small = small_tables(folder())
        with Cluster() as cluster, cluster.session() as spark:
            for own_types, few in ((False, 1000), (True, 1000), (True, 0)):
                frames = {}
                for table, rows in odd_rows(7, own_types).items():
                    path = f"{folder()}/{table}.parquet"
                    rows.write_parquet(path)
                    frames[table] = spark.read.parquet(path)
                given = {"now": NOW, "max_rejects": 20}
                with mock.patch.object(_frame, "FEW", few):
                    sent = on_spark.run(spark, small, push_down=False, **given, **frames)
                    left = on_spark.run(spark, small, **given, **frames)
                self.assertEqual(differences(sent, left), [])
                # Without files and rows of its own a row has a number, the same one each time.
                bare = {}
                for table, frame in frames.items():
                    rows = frame.drop("_file", "_row")
                    bare[table] = spark.createDataFrame(rows.collect(), rows.schema)
                sent = on_spark.run(spark, small, push_down=False, **given, **bare)
                left = on_spark.run(spark, small, **given, **bare)
                self.assertEqual(differences(sent, left), [])

    def test_whatever_dies_once_the_result_is_the_same(self):
        for how in (abort, kill_executor, kill_worker_daemon):
            for way in ("_scan_files", "_scan_rows"):
                with self.subTest(how=how.__name__, way=way), Cluster() as cluster:
                    once = os.path.join(tempfile.mkdtemp(), "once")
                    plain = getattr(on_spark, way)
                    patched = mock.patch.object(
                        on_spark, way, lambda *given: dying(plain(*given), once, how)
                    )
                    with patched, cluster.session() as spark:
                        ran = self.by_files(spark) if way == "_scan_files" else self.by_rows(spark)
                    self.assertTrue(os.path.exists(once))
                    expected = [] if way == "_scan_files" else ["summary.json"]
                    self.assertEqual(differences(WHOLE, ran), expected)

    def test_a_truncated_file_is_an_error_and_no_output(self):
        export = as_parquet(folder(), parts=2)
        path = pathlib.Path(export) / "trajectories" / "part-1.parquet"
        with Cluster() as cluster, cluster.session() as spark:
            whole = path.read_bytes()
            path.write_bytes(whole[: len(whole) // 2] + bytes(64) + whole[len(whole) // 2 + 64 :])
            output = folder() + "/out"
            with self.assertRaises(Exception) as raised:
                on_spark.run_files(spark, export, output, now=NOW)
            self.assertIn("part-1.parquet", str(raised.exception))
            self.assertFalse(os.path.exists(output))
            path.write_bytes(whole[: len(whole) // 2])
            with self.assertRaises(ot.TraceError) as raised:
                on_spark.run_files(spark, export, output, now=NOW)
            self.assertIn("part-1.parquet", str(raised.exception))
            self.assertFalse(os.path.exists(output))

    def test_a_module_that_is_older_than_its_index_says_so(self):
        def older(index):
            head, rest = bytes(index).split(b"\n", 1)
            head = json.loads(head)
            head["program"] = "99.0.0"
            body = json.dumps(head).encode() + b"\n" + rest[: rest.rstrip(b"\n").rfind(b"\n") + 1]
            end = json.dumps({"sha256": hashlib.sha256(body).hexdigest()}).encode()
            return body + end + b"\n"

        plain = on_spark._scan_files
        output = folder() + "/out"
        with Cluster() as cluster, cluster.session() as spark:
            with mock.patch.object(
                on_spark, "_scan_files", lambda index, *more: plain(on_spark._Carried(older(ot.Index(index.value))), *more)
            ), self.assertRaises(Exception) as raised:
                self.by_files(spark, output=output)
        self.assertIn("made by trace 99.0.0", str(raised.exception))
        self.assertFalse(os.path.exists(output))

    def test_a_full_disk_at_a_worker(self):
        """Its executors cannot start there; the other worker does the work."""
        full = tempfile.mkdtemp()
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", full], check=True)
        try:
            with contextlib.suppress(OSError), open(os.path.join(full, "full"), "wb") as file:
                while True:
                    file.write(bytes(4096))
                    file.flush()
            with Cluster(full, tempfile.mkdtemp()) as cluster, cluster.session() as spark:
                self.assertEqual(differences(WHOLE, self.by_files(spark)), [])
        finally:
            subprocess.run(["umount", "-l", full], check=True)


if __name__ == "__main__":
    unittest.main()
