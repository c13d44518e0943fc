"""`trace` on a Spark cluster of this machine, beside itself and beside Spark SQL, on the same files.

usage: python3 benches/peers/spark.py DIRECTORY [PERSONS [DAYS]]     with the Python of `python/tests/install spark wheel`, and DuckDB

A master and two workers of one core each; a city of visits as Parquet in 16 files, 500 cases. Each way is done twice, and the second
one counts. CPU seconds are those of the workers with all that they start, by /proc. All ways find the same pairs and seconds.
"""

import csv
import os
import pathlib
import resource
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "python" / "tests"), str(ROOT / "benches" / "peers")]

import data
import outbreak_trace as ot
import pyarrow
import pyarrow.parquet
from cluster import Cluster
from outbreak_trace import spark as on_spark

FILES = 16
TICKS = os.sysconf("SC_CLK_TCK")
# What Spark SQL does is a part of the rules: everybody who was at a place with a case, however short, whoever else was there.
PLAIN = {"exposure.min_minutes": 0, "exposure.dense_min_minutes": 0, "exposure.room_persons": "none", "exposure.shared_position_persons": "none",
         "exposure.household_max": "none", "exposure.unisolated_days": "none", "exposure.max_onset_days": "none"}
AS_OF = "2030-01-01"

SQL = """
with c as (select person_id, cast(onset as timestamp) - interval 2 days as ws, cast(isolated as timestamp) as we from cases),
cv as (select /*+ broadcast(c) */ v.person_id as case_id, place_id, greatest(start, ws) as cs, least(end, we) as ce
       from visits v join c on v.person_id = c.person_id where greatest(start, ws) < least(end, we)),
o as (select /*+ broadcast(cv) */ case_id, v.person_id, unix_timestamp(least(v.end, ce)) - unix_timestamp(greatest(v.start, cs)) as d
      from visits v join cv on v.place_id = cv.place_id and v.start < cv.ce and v.end > cv.cs where v.person_id <> cv.case_id)
select count(*), sum(d) from (select case_id, person_id, sum(d) as d from o group by case_id, person_id)
"""


def spent(root):
    """CPU seconds of a process and of all that it has started."""
    children, ticks = {}, {}
    for path in pathlib.Path("/proc").iterdir():
        if path.name.isdigit():
            try:
                fields = (path / "stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue
            children.setdefault(int(fields[1]), []).append(int(path.name))
            ticks[int(path.name)] = sum(map(int, fields[11:15]))
    todo, total = [root], 0
    while todo:
        pid = todo.pop()
        total += ticks.get(pid, 0)
        todo += children.get(pid, [])
    return total / TICKS


def timed(cluster, job):
    """Seconds, CPU seconds of the workers, and what came of it: the second time that it is done."""
    job()
    workers = [process.pid for process in cluster.processes[1:]]
    before, begin = sum(map(spent, workers)), time.monotonic()
    result = job()
    return time.monotonic() - begin, sum(map(spent, workers)) - before, result


def moved(spark, job):
    """Bytes and rows of Arrow batches that reach Python workers during a job by rows."""
    rows, bytes, plain = spark.sparkContext.accumulator(0), spark.sparkContext.accumulator(0), on_spark._scan_rows

    def weighed(*given):
        scan = plain(*given)

        def each(batches):
            for batch in batches:
                rows.add(batch.num_rows)
                bytes.add(batch.nbytes)
                yield batch

        return lambda batches: scan(each(batches))

    on_spark._scan_rows = weighed
    try:
        job()
    finally:
        on_spark._scan_rows = plain
    return f"{bytes.value / 1e6:.0f} MB of {rows.value / 1e6:.1f} M rows"


def by_itself(lake):
    changes = [word for name, value in PLAIN.items() for word in ("--set", f"{name}={value}")]
    for _ in range(2):
        output = tempfile.mkdtemp() + "/out"
        command = [data.TRACE, "run", "--quiet", "--threads", "2", "--formats", "none", "--as-of", AS_OF, *changes, "--input", lake, "--output", output]
        before, begin = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        subprocess.run(command, check=True)
        after, seconds = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic() - begin
    return seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, pathlib.Path(output)


def pairs(folder):
    """How many pairs, and how many seconds they were together."""
    found = [0, 0]
    for name in ("exposures.csv", "links.csv"):
        for row in csv.DictReader(open(folder / name)):
            found[0] += 1
            found[1] += int(row["seconds"])
    return found


def lake(directory, persons, days):
    """Visits as Parquet in so many files, with the cases; as CSV in as many; the cases alone; and how many rows there are."""
    plain, parquet, cases = data.city(directory, persons, days)
    cases = data.some(cases, 500)
    whole, small = data.folder(directory, "lake", cases), data.folder(directory, "small", cases)
    table = pyarrow.parquet.read_table(parquet)
    (whole / "trajectories").mkdir(exist_ok=True)
    size = -(-len(table) // FILES)
    for part in range(FILES):
        pyarrow.parquet.write_table(table.slice(part * size, size), whole / "trajectories" / f"part-{part:02}.parquet",
                                    row_group_size=1 << 18, write_page_checksum=True, coerce_timestamps="us")
    texts = data.folder(directory, "lake-csv", cases)
    (texts / "trajectories").mkdir(exist_ok=True)
    head = open(plain).readline().strip()
    split = ["split", "-l", str(size), "-d", "--additional-suffix=.csv", f"--filter=(echo '{head}'; cat) > $FILE", "-", f"{texts}/trajectories/part-"]
    with subprocess.Popen(["tail", "-n", "+2", plain], stdout=subprocess.PIPE) as rows:
        subprocess.run(split, stdin=rows.stdout, check=True)
    return whole, texts, small, len(table)


def main(directory, persons=1_000_000, days=14):
    directory = pathlib.Path(directory)
    whole, texts, small, rows = lake(directory, int(persons), int(days))
    bytes = sum(path.stat().st_size for path in whole.rglob("*.parquet"))
    print(f"{rows / 1e6:.1f} M visits, {bytes / 1e6:.0f} MB of Parquet in {FILES} files, 500 cases\n\n| way | wall s | CPU s | CPU s a million rows |\n|---|---|---|---|")

    def say(what, seconds, cpu):
        print(f"| {what} | {seconds:.1f} | {cpu:.1f} | {cpu / rows * 1e6:.3f} |", flush=True)

    asked = {"set": PLAIN, "as_of": AS_OF}
    *cost, one = by_itself(whole)
    say("`trace run`, two threads", *cost)
    *cost, one_of_texts = by_itself(texts)
    say("the same of CSV", *cost)
    found = pairs(one)
    with Cluster() as cluster, cluster.session(**{"spark.sql.session.timeZone": "UTC"}) as spark:
        visits = spark.read.parquet(f"{whole}/trajectories")
        *cost, files = timed(cluster, lambda: on_spark.run_files(spark, whole, **asked))
        say("by files", *cost)
        *cost, files_of_texts = timed(cluster, lambda: on_spark.run_files(spark, texts, **asked))
        say("by files, of CSV", *cost)
        *cost, by_rows = timed(cluster, lambda: on_spark.run(spark, small, trajectories=visits, root=str(whole), **asked))
        say("by rows", *cost)
        *cost, all_rows = timed(cluster, lambda: on_spark.run(spark, small, trajectories=visits, root=str(whole), push_down=False, **asked))
        say("by rows, all of them sent", *cost)
        for sent in (True, False):
            job = lambda: on_spark.run(spark, small, trajectories=visits, root=str(whole), push_down=sent, **asked)
            print(f"to Python by rows{'' if sent else ', all of them sent'}: {moved(spark, job)}", flush=True)
        spark.read.csv(str(small / "cases.csv"), header=True).createOrReplaceTempView("cases")
        visits.createOrReplaceTempView("visits")
        *cost, ((count, seconds),) = timed(cluster, lambda: spark.sql(SQL).collect())
        say("Spark SQL: the pairs and their seconds, and no more", *cost)
        last = "count(person_id)", "max(start)", "max(end)", "max(place_id)"
        # A frame anew each time: of one that was run before Spark keeps what it has shuffled.
        floor = lambda: visits.mapInArrow(lambda batches: batches, visits.schema).selectExpr(*last).collect()
        say("rows into Python and back by `mapInArrow`, nothing done", *timed(cluster, floor)[:2])
        say("rows read in Spark SQL", *timed(cluster, lambda: visits.selectExpr(*last).collect())[:2])
    for folder in (files.path, by_rows.path, all_rows.path, files_of_texts.path):
        assert pairs(folder) == found, (pairs(folder), found)
    assert [count, seconds] == found, ((count, seconds), found)
    for name in files:
        expected = (one / f"{name}.csv").read_bytes()
        assert (files.path / f"{name}.csv").read_bytes() == expected, name
        assert (by_rows.path / f"{name}.csv").read_bytes() == expected, name
        assert (all_rows.path / f"{name}.csv").read_bytes() == expected, name
        assert (files_of_texts.path / f"{name}.csv").read_bytes() == (one_of_texts / f"{name}.csv").read_bytes(), name
    index = ot.index(whole, **asked)
    evidence = pyarrow.table(ot.scan_files(index, whole, threads=2))
    print(f"\nAll find the same {found[0]} pairs and {found[1]} seconds; every table is byte for byte the same.\n"
          f"Index {len(bytes_of(index)) / 1e6:.1f} MB; evidence {evidence.num_rows} rows, {evidence.nbytes / 1e6:.1f} MB; nothing is shuffled.")


def bytes_of(index):
    return index.__bytes__()


if __name__ == "__main__":
    main(*sys.argv[1:])
