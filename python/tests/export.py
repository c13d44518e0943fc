"""Exports for the tests: the sample of the project, and what it is in other shapes."""

import csv
import gzip
import pathlib
import shutil
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "data" / "samples" / "city"
SMALL = ("cases", "places", "persons")
BULK = ("trajectories", "colocations")
NOW = "2022-12-01"


def texts(name, folder=SAMPLE):
    """A table as columns of texts, None for blank."""
    with gzip.open(folder / f"{name}.csv.gz", "rt", encoding="utf-8") as file:
        head, *rows = csv.reader(file)
    return {column: [row[at] or None for row in rows] for at, column in enumerate(head)}


def small_tables(keep, folder=SAMPLE):
    """A folder with the small tables alone."""
    for name in SMALL:
        shutil.copy(folder / f"{name}.csv.gz", keep)
    return keep


def as_parquet(keep, parts=2, folder=SAMPLE):
    """The sample with its bulk tables as folders of Parquet files."""
    import pyarrow
    import pyarrow.parquet

    small_tables(keep, folder)
    for name in BULK:
        table = pyarrow.table({key: pyarrow.array(of, pyarrow.string()) for key, of in texts(name, folder).items()})
        (pathlib.Path(keep) / name).mkdir()
        size = -(-len(table) // parts)
        for part in range(parts):
            pyarrow.parquet.write_table(
                table.slice(part * size, size),
                pathlib.Path(keep) / name / f"part-{part}.parquet",
                row_group_size=5000,
                write_page_checksum=True,
            )
    return keep


def folder():
    return tempfile.mkdtemp(prefix="trace-test-")


def files(results):
    """Every file of an output that does not say how long it took."""
    import json

    found = {path.name: path.read_bytes() for path in results.path.iterdir()}
    summary = json.loads(found["summary.json"])
    for name in ("timings", "files", "arguments"):
        summary.pop(name)
    found["summary.json"] = json.dumps(summary).encode()
    return found


def differences(one, other):
    """The names of the files of two outputs that are not byte for byte the same."""
    one, other = files(one), files(other)
    return sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))
