"""The sample of the project on a Spark cluster of two workers on this machine: by files, by rows."""

import sys
import time

import outbreak_trace as ot
from outbreak_trace import spark as on_spark

from cluster import Cluster
from export import BULK, as_parquet, folder, small_tables


def told(what, begin, results):
    counts = results.summary["counts"]
    print(
        f"{what}: {counts['cases']} cases, {counts['close_contacts']} close contacts,"
        f" {counts['evidence']} rows of evidence; {time.monotonic() - begin:.1f} s"
    )


def main():
    lake = as_parquet(folder(), parts=4)
    begin = time.monotonic()
    one = ot.run(lake)
    told("here", begin, one)
    with Cluster() as cluster, cluster.session() as spark:
        print(f"a master and two workers: {cluster.url}, Spark {spark.version}")
        begin = time.monotonic()
        files = on_spark.run_files(spark, lake, folder() + "/results", report=True)
        told("by files", begin, files)
        frames = {name: spark.read.parquet(f"{lake}/{name}") for name in BULK}
        begin = time.monotonic()
        rows = on_spark.run(spark, small_tables(folder()), root=lake, **frames)
        told("by rows", begin, rows)
    for name in one:
        for other in (files, rows):
            same = (one.path / f"{name}.csv").read_bytes() == (other.path / f"{name}.csv").read_bytes()
            if not same:
                sys.exit(f"{name}.csv is another one")
    print(f"{len(one)} tables are byte for byte the same; report: {files.path / 'report.html'}")


if __name__ == "__main__":
    main()
