"""`trace` inside Ray Data and Daft, by rows: the same scan on other engines, beside a run on the same file.

usage: python3 benches/peers/engines.py DIRECTORY [PERSONS [DAYS]]     with ray[data], daft, DuckDB, and the wheel of `python/build`

A smaller city of visits as one Parquet file whose rows say which they are (`_file`, `_row`): neither engine does. All tables are
held to be those of the run. Ray starts workers of its own; Daft hands its batches to the scan, in this process.
"""

import os
import pathlib
import sys
import time

os.environ.update(DO_NOT_TRACK="true", RAY_USAGE_STATS_ENABLED="0", RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO="0")
ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "benches" / "peers"))

import daft
import data
import outbreak_trace as ot
import pyarrow
import pyarrow.parquet
import ray

FILE = "trajectories/part-0.parquet"
COLUMNS = ["person_id", "start", "end", "place_id"]
NOW = "2030-01-01"


def lake(directory, persons, days):
    """The export, its small tables alone, and the rows with their places in it."""
    _, parquet, cases = data.city(directory, persons, days)
    cases = data.some(cases, 500)
    whole, small = data.folder(directory, "whole", cases), data.folder(directory, "small", cases)
    table = pyarrow.parquet.read_table(parquet)
    (whole / "trajectories").mkdir(exist_ok=True)
    pyarrow.parquet.write_table(table, whole / FILE, row_group_size=1 << 17, write_page_checksum=True)
    table = table.append_column("_file", pyarrow.array([FILE] * len(table)))
    table = table.append_column("_row", pyarrow.array(range(len(table)), pyarrow.int64()))
    pyarrow.parquet.write_table(table, directory / "rows.parquet", row_group_size=1 << 17, write_page_checksum=True)
    return whole, small, directory / "rows.parquet", len(table)


def own_stays(path, ids):
    return pyarrow.parquet.read_table(path, filters=[("person_id", "in", ids)])


def by_ray(index, path):
    packed, hash = bytes(index), index.hash

    def scan(batch):
        # The index is read once a worker.
        known = ot.__dict__.setdefault("_known", {})
        if hash not in known:
            known[hash] = ot.Index(packed)
        return pyarrow.table(ot.scan(known[hash], batch))

    found = ray.data.read_parquet(str(path)).map_batches(scan, batch_format="pyarrow", batch_size=1 << 16, zero_copy_batch=True)
    return [part for part in ray.get(found.to_arrow_refs()) if len(part)]


def by_daft(index, path):
    batches = daft.read_parquet(str(path)).to_arrow_iter()
    first = next(batches)

    def all_of_them():
        yield first
        yield from batches

    return [pyarrow.table(ot.scan(index, pyarrow.RecordBatchReader.from_batches(first.schema, all_of_them())))]


def main(directory, persons=100_000, days=14):
    whole, small, path, count = lake(pathlib.Path(directory), int(persons), int(days))
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, logging_level="ERROR")
    ray.data.DataContext.get_current().enable_progress_bars = False
    one = ot.run(whole, now=NOW, threads=2)
    named = [(FILE, "trajectories", COLUMNS)]
    print(f"{count / 1e6:.1f} M visits\n\n| way | wall s | µs a row |\n|---|---|---|")

    def by_rows(scan):
        ids = ot.ids_of_cases(small, rows=named, now=NOW)
        index = ot.index(small, rows=named, stays=own_stays(path, ids), now=NOW)
        counted = [(FILE, count, False)]
        return ot.finish(index, small, scan(index, path), counted=counted)

    for what, job in (
        ("`trace` on the file", lambda: ot.run(whole, now=NOW, threads=2)),
        ("Ray Data, by rows, two workers", lambda: by_rows(by_ray)),
        ("Daft, by rows, the scan in one thread", lambda: by_rows(by_daft)),
    ):
        job()
        begin = time.monotonic()
        results = job()
        seconds = time.monotonic() - begin
        for name in one:
            assert (results.path / f"{name}.csv").read_bytes() == (one.path / f"{name}.csv").read_bytes(), (what, name)
        print(f"| {what} | {seconds:.2f} | {seconds / count * 1e6:.2f} |", flush=True)
    print("\nAll tables are byte for byte the same.")


if __name__ == "__main__":
    main(*sys.argv[1:])
