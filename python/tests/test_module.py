"""The module as a user of notebooks has it: frames in, tables out, errors that say what to do."""

import datetime
import os
import pathlib
import pickle
import signal
import stat
import subprocess
import sys
import threading
import time
import unittest

import duckdb
import pandas
import polars
import pyarrow

import outbreak_trace as ot

from export import BULK, NOW, SAMPLE, SMALL, as_parquet, differences, folder, small_tables, texts

PLAIN = ot.run(SAMPLE, now=NOW)
NAMES = (*SMALL, *BULK)


def contacts(results):
    return pyarrow.table(results.contacts)


class Frames(unittest.TestCase):
    """What each library really sends: views, dictionaries, large texts, every kind of time."""

    def same(self, tables, **more):
        results = ot.run(tables, now=NOW, **more)
        self.assertTrue(contacts(results).equals(contacts(PLAIN)))
        return results

    def test_pyarrow(self):
        results = self.same({name: pyarrow.table(texts(name)) for name in NAMES})
        # A row of a table in memory stands where it would in a file.
        line = pyarrow.table(results.evidence)["person_row"][0].as_py()
        file = pyarrow.table(PLAIN.evidence)["person_row"][0].as_py()
        self.assertEqual(line.replace(":", ".csv.gz:"), file)

    def test_polars(self):
        frames = {name: polars.DataFrame(texts(name)) for name in NAMES}
        self.same(frames)
        typed = frames["trajectories"].with_columns(
            polars.col("person_id", "place_id").cast(polars.Categorical),
            polars.col("start", "end").str.to_datetime(time_unit="ns").dt.replace_time_zone("Asia/Shanghai"),
            polars.col("lon", "lat").cast(polars.Float64),
        )
        self.same({**frames, "trajectories": typed})

    def test_pandas(self):
        frames = {name: pandas.DataFrame(texts(name)) for name in NAMES}
        self.same(frames)
        typed = frames["trajectories"].assign(
            start=pandas.to_datetime(frames["trajectories"]["start"]),
            end=pandas.to_datetime(frames["trajectories"]["end"]).dt.tz_localize("Asia/Shanghai"),
            place_id=frames["trajectories"]["place_id"].astype("category"),
        )
        self.same({**frames, "trajectories": typed})

    def test_duckdb(self):
        session = duckdb.connect()
        read = "select * from read_csv('{}', all_varchar = {})"
        for as_text in ("true", "false"):
            frames = {
                name: session.sql(read.format(SAMPLE / f"{name}.csv.gz", as_text)) for name in NAMES
            }
            self.same(frames)

    def test_times_of_every_unit(self):
        table = pyarrow.table(texts("trajectories"))
        for unit in ("s", "ms", "us", "ns"):
            for zone in (None, "UTC", "Asia/Shanghai"):
                typed = table
                for at, name in enumerate(table.column_names):
                    if name in ("start", "end"):
                        local = pyarrow.compute.strptime(table[name], "%Y-%m-%d %H:%M:%S", unit)
                        if zone:
                            local = pyarrow.compute.assume_timezone(local, "Asia/Shanghai")
                            local = local.cast(pyarrow.timestamp(unit, zone))
                        typed = typed.set_column(at, name, local)
                with self.subTest(unit=unit, zone=zone):
                    self.same({**{n: pyarrow.table(texts(n)) for n in NAMES}, "trajectories": typed})

    def test_files_and_frames_together(self):
        paths = {name: SAMPLE / f"{name}.csv.gz" for name in NAMES}
        self.same({**paths, "trajectories": polars.DataFrame(texts("trajectories"))})

    def test_results_go_back(self):
        table = PLAIN["contacts"]
        count = len(table)
        self.assertEqual(polars.DataFrame(table).height, count)
        self.assertEqual(pyarrow.table(table).num_rows, count)
        self.assertEqual(duckdb.sql('select count(*) from "table"').fetchall(), [(count,)])
        if hasattr(pandas.DataFrame, "from_arrow"):
            self.assertEqual(len(pandas.DataFrame.from_arrow(table)), count)
        release = pyarrow.table(PLAIN.measures).schema.field("release_on").type
        self.assertEqual(release, pyarrow.date32())


class Results(unittest.TestCase):
    def test_they_are_a_mapping_that_shows_itself(self):
        self.assertEqual(PLAIN.contacts.column_names[0], "person_id")
        self.assertIn("close contacts", repr(PLAIN))
        html = PLAIN._repr_html_()
        self.assertIn("<summary>contacts (237)</summary>", html)
        self.assertIn("people", PLAIN)
        self.assertRaisesRegex(AttributeError, "no table is called 'contract'", lambda: PLAIN.contract)
        mode = stat.S_IMODE(os.stat(PLAIN.path).st_mode)
        self.assertEqual(mode & 0o077, 0)

    def test_hostile_cells_are_text(self):
        tables = {name: pyarrow.table(texts(name)) for name in NAMES}
        rows = texts("trajectories")
        rows["person_id"] = [
            f"<script>{id}</script>" if id == "P0000002" else id for id in rows["person_id"]
        ]
        html = ot.run({**tables, "trajectories": pyarrow.table(rows)}, now=NOW)._repr_html_()
        self.assertNotIn("<script>", html)

    def test_a_folder_without_name_goes_away(self):
        results = ot.run(SAMPLE, now=NOW)
        path = results.path
        self.assertTrue(path.exists())
        del results
        self.assertFalse(path.exists())

    def test_an_output_stays_and_is_compared(self):
        first = ot.run(SAMPLE, folder() + "/a", as_of="2022-11-07", now=NOW)
        second = ot.run(SAMPLE, folder() + "/b", since=first.path, now=datetime.datetime(2022, 12, 1))
        self.assertGreater(len(second["changes"]), 0)

    def test_parameters(self):
        strict = ot.run(SAMPLE, now=NOW, set={"exposure.min_minutes": 60})
        self.assertLess(len(strict.contacts), len(PLAIN.contacts))
        self.assertIn("exposure.min_minutes=60", strict.summary["policy"]["name"])
        early = ot.run(SAMPLE, now=NOW, as_of=datetime.date(2022, 11, 7))
        self.assertIn("2022-11-07T00:00", early.summary["as_of"])
        rows = texts("trajectories")
        rows["wo"] = rows.pop("place_id")
        tables = {name: pyarrow.table(texts(name)) for name in NAMES}
        renamed = {**tables, "trajectories": pyarrow.table(rows)}
        own = ot.run(renamed, now=NOW, columns={"trajectories": {"place_id": "wo"}})
        self.assertTrue(contacts(own).equals(contacts(PLAIN)))
        self.assertEqual(ot.policy("who")["exposure"]["min_minutes"], 15)


class Questions(unittest.TestCase):
    def test_they_lead_to_the_rows(self):
        person = contacts(PLAIN)["person_id"][0].as_py()
        why = ot.explain(SAMPLE, person=person, now=NOW)
        self.assertEqual(why["class"], "close_contact")
        self.assertIn("trajectories.csv.gz:", why["pairs"][0]["matches"][0]["person_row"]["row"])
        self.assertEqual(ot.why_not(SAMPLE, person, now=NOW)["class"], "close_contact")
        zone = pyarrow.table(PLAIN.zones)["zone_id"][0].as_py()
        self.assertEqual(ot.explain(SAMPLE, zone=zone, now=NOW)["zone_id"], zone)
        self.assertRaises(KeyError, ot.explain, SAMPLE, case="nobody", now=NOW)
        self.assertRaises(TypeError, ot.explain, SAMPLE, now=NOW)

    def test_a_question_about_frames_shows_their_rows(self):
        person = contacts(PLAIN)["person_id"][0].as_py()
        tables = {name: pyarrow.table(texts(name)) for name in NAMES}
        why = ot.explain(tables, person=person, now=NOW)
        row = why["pairs"][0]["matches"][0]["person_row"]
        self.assertEqual(row["cells"]["person_id"], person)

    def test_check(self):
        found = ot.check(SAMPLE, now=NOW)
        self.assertIn("can be used", found["verdict"])
        self.assertEqual(len(found["files"]), 5)


class Errors(unittest.TestCase):
    def test_they_say_what_to_do(self):
        for given, code, says in [
            ((SAMPLE / "nowhere",), 3, "hint:"),
            (({"cases": pyarrow.table({"x": [1]}), "trajectories": pyarrow.table({"y": [1]})},), 3, "person_id"),
            (({"casses": pyarrow.table({"x": [1]})},), 2, "casses"),
        ]:
            with self.assertRaises(ot.TraceError) as raised:
                ot.run(*given)
            self.assertEqual(raised.exception.code, code, raised.exception)
            self.assertIn(says, str(raised.exception))
        self.assertRaisesRegex(ot.TraceError, "beside", ot.run, SAMPLE, names="none")
        self.assertRaisesRegex(ot.TraceError, "polcy", ot.run, SAMPLE, polcy="who")
        self.assertRaisesRegex(TypeError, "__arrow_c_stream__", ot.run, {"cases": [1, 2]})
        self.assertRaisesRegex(ot.TraceError, "damaged", ot.Index, bytes(ot.index(SAMPLE, now=NOW))[:-9])

    def test_a_nested_column_is_no_crash(self):
        tables = {name: pyarrow.table(texts(name)) for name in NAMES}
        rows = tables["trajectories"].append_column(
            "more", pyarrow.array([{"a": [1]}] * len(tables["trajectories"]))
        )
        results = ot.run({**tables, "trajectories": rows}, now=NOW)
        self.assertTrue(contacts(results).equals(contacts(PLAIN)))

    def test_control_c_stops_it_and_leaves_nothing(self):
        keep = folder()
        # Rows without an end, which a producer hands over for ever.
        code = f"""
import os, pyarrow, signal, threading
import outbreak_trace as ot
from export import *
tables = {{name: pyarrow.table(texts(name)) for name in (*SMALL, "colocations")}}
rows = pyarrow.table(texts("trajectories"))
tables["trajectories"] = pyarrow.concat_tables([rows] * 400)
threading.Timer(0.4, os.kill, (os.getpid(), signal.SIGINT)).start()
try:
    ot.run(tables, {keep!r} + "/out", now=NOW)
    print("ran")
except KeyboardInterrupt:
    print("stopped", os.listdir({keep!r}))
"""
        here = pathlib.Path(__file__).parent
        ran = subprocess.run([sys.executable, "-c", code], cwd=here, capture_output=True, text=True)
        self.assertEqual(ran.stdout.strip(), "stopped []", ran.stderr)

    def test_other_threads_go_on(self):
        tables = {name: pyarrow.table(texts(name)) for name in NAMES}
        tables["trajectories"] = pyarrow.concat_tables([tables["trajectories"]] * 40)
        done, counted = threading.Event(), []

        def count():
            while not done.is_set():
                counted.append(time.monotonic())
                time.sleep(0.001)

        other = threading.Thread(target=count)
        other.start()
        begin = time.monotonic()
        ot.run(tables, now=NOW)
        end = time.monotonic()
        done.set()
        other.join()
        during = [at for at in counted if begin < at < end]
        self.assertGreater(len(during), 5)


class Pieces(unittest.TestCase):
    def test_files(self):
        export = as_parquet(folder())
        whole = ot.run(export, now=NOW)
        index = pickle.loads(pickle.dumps(ot.index(export, now=NOW)))
        evidence = [ot.scan_files(index, export, [name]) for name in reversed(index.files)]
        self.assertEqual(len(evidence), 4)
        seen = [ot.scan_files(index, export, [name], opens=evidence) for name in index.files]
        for given in (None, seen):
            pieces = ot.finish(index, export, evidence, next=given)
            self.assertEqual(differences(whole, pieces), [])
        twice = [*evidence, evidence[0]]
        self.assertRaisesRegex(ot.TraceError, "scanned 2 times", ot.finish, index, export, twice)
        self.assertRaisesRegex(ot.TraceError, "scanned 0 times", ot.finish, index, export, evidence[1:])

    def test_frames_are_scanned_whole_and_once(self):
        tables = {name: polars.DataFrame(texts(name)) for name in NAMES}
        index = ot.index(tables, now=NOW)
        evidence = [ot.scan(index, tables[name], name) for name in BULK]
        pieces = ot.finish(index, tables, evidence)
        self.assertTrue(contacts(pieces).equals(contacts(PLAIN)))
        for given in ([], evidence[1:], [*evidence, evidence[0]]):
            self.assertRaisesRegex(ot.TraceError, "rows of `\\w+` were scanned", ot.finish, index, tables, given)

    def test_rows_that_are_elsewhere(self):
        whole = ot.run(as_parquet(folder(), parts=1), now=NOW)
        small = small_tables(folder())
        frames = {name: polars.DataFrame(texts(name)) for name in BULK}
        named = {
            name: frame.with_row_index("_row").with_columns(
                polars.lit(f"{name}/part-0.parquet").alias("_file"), polars.col("_row").cast(polars.Int64)
            )
            for name, frame in frames.items()
        }
        rows = [(f"{name}/part-0.parquet", name, frame.columns) for name, frame in frames.items()]
        ids = ot.ids_of_cases(small, rows=rows, now=NOW)
        stays = named["trajectories"].filter(polars.col("person_id").is_in(ids))
        index = ot.index(small, rows=rows, stays=stays, now=NOW)
        # In any order, cut anyhow.
        pieces = [
            (name, frame.sample(fraction=1.0, shuffle=True, seed=7).slice(at, 3000))
            for name, frame in named.items()
            for at in range(0, frame.height, 3000)
        ]
        evidence = [ot.scan(index, piece, name) for name, piece in pieces]
        self.assertTrue(ot.has_opens(evidence))
        self.assertRaisesRegex(ot.TraceError, "open stays", ot.finish, index, small, evidence)
        concerned = set(ot.ids_with_opens(index, evidence))
        seen = [
            ot.scan(index, piece.filter(polars.col("person_id").is_in(concerned)), name, opens=evidence)
            if name == "trajectories"
            else ot.scan(index, piece, name, opens=evidence)
            for name, piece in pieces
        ]
        # A second round that knows a part of the first one only is none.
        some = [ot.scan(index, piece, name, opens=evidence[:1]) for name, piece in pieces]
        self.assertRaisesRegex(ot.TraceError, "other evidence", ot.finish, index, small, evidence, next=some)
        self.assertRaisesRegex(ot.TraceError, "open stays", ot.finish, index, small, evidence, next=[])
        self.assertRaisesRegex(ot.TraceError, "scanned 0 times", ot.finish, index, small, evidence[-1:])
        results = ot.finish(index, small, evidence, next=seen)
        # Spark does not say how large a file is.
        self.assertEqual(differences(whole, results), ["summary.json"])
        for name in ("counts", "policy", "as_of", "clusters"):
            self.assertEqual(whole.summary[name], results.summary[name])
        self.assertEqual(whole.summary["input"]["tables"], results.summary["input"]["tables"])


if __name__ == "__main__":
    unittest.main()
