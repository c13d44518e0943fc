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


def odd_rows(seed, own_types):
    """The bulk tables of the sample with one cell in five rows another, as frames of texts or of Spark's
    types, with `_file` and `_row`."""
    import random

    import polars

    chance = random.Random(seed)
    cases, tables = texts("cases")["person_id"], {name: texts(name) for name in BULK}
    stays = tables["trajectories"]
    hot = [place for place, person in zip(stays["place_id"], stays["person_id"], strict=True) if place and person in cases]
    ids = [None, "", " ", "NA", "-", "1E+17", "x1x", "\u200bP1", "Ｐ１", "1001.0", "'7", "P1\n", "A" * 1100, *cases, *hot[:50]]
    ids += [f" {cases[0]}", f"{cases[0]}\n", f"'{cases[1]}", cases[2].replace("P", "Ｐ"), f"{hot[0]}\u3000"]
    times = [None, "", "2022-02-30 10:00:00", "2022-11-31 08:00:00", "2022-11-09T08:30:00", "2022-11-09 08:30", "2022-11-09"]
    times += ["2022-11-09 08:30:00\n", "2040-01-01 00:00:00", "1970-01-01 00:00:00", "9999-12-31 23:59:59", "2022-11-09 24:00:00"]
    moments = [None, "2022-11-09 08:30:00", "2022-11-09 08:30:00.9", "2040-01-01 00:00:00", "1960-01-01 00:00:00.5", "9999-12-31 23:59:59"]
    numbers = [None, "0", "0", "0", "-1", "1e300", "NaN", "181", "116.4", "39.9"]
    found = {}
    # Places with a blank in their names, for which some rows have the end of a line.
    broken = {id: f"H {70000 + at}" for at, id in enumerate(hot[1::4])}
    stays["place_id"] = [broken[id].replace(" ", chance.choice(" \n\r")) if id in broken else id for id in stays["place_id"]]
    # Places with a number, of which a spreadsheet makes `70001.0`.
    numbered = {id: f"{70000 + at}" for at, id in enumerate(hot[::2])}
    stays["place_id"] = [numbered.get(id, id) and numbered.get(id, id) + chance.choice(["", ".0"]) * (id in numbered) for id in stays["place_id"]]
    meetings = tables["colocations"]
    for _ in range(2000):
        # Most are of two people who are no cases.
        people = [f"P{chance.randrange(1500):07}" for _ in range(2)]
        more = [*people, "2022-11-03 10:00:00", "60", "1.5", chance.choice([None, hot[0]])]
        for column, value in zip(("person_a", "person_b", "start", "seconds", "distance_m", "place_id"), more, strict=True):
            meetings[column].append(value)
    for name, table in tables.items():
        count = len(table["start"])
        table.setdefault("end", [None] * count)
        for column in ("lon", "lat", "accuracy_m", "seat_row", "protected", "distance_m", "rssi_dbm"):
            if name == "trajectories" or column in ("protected", "distance_m", "rssi_dbm"):
                table.setdefault(column, [None] * count)
        for row in range(count):
            # Some stays are positions, some end as they begin or have no end.
            if name == "trajectories" and chance.random() < 0.2:
                table["place_id"][row] = table["end"][row] = None
                table["lon"][row], table["lat"][row] = f"{116 + chance.random()}", f"{39 + chance.random()}"
                if chance.random() < 0.7:
                    table["start"][row] = "2022-10-01 08:00:00"
                else:
                    # Where others are, too.
                    table["lon"][row], table["lat"][row] = "116.5", "39.5"
                if chance.random() < 0.05:
                    table["lon"][row], table["lat"][row] = chance.choice(numbers), chance.choice(numbers)
            if name == "colocations" and row % 2:
                table["end"][row], table["seconds"][row] = "2022-11-03 10:05:00", None
            if chance.random() < 0.04:
                table["end"][row] = chance.choice([None, table["start"][row], "2022-10-31 00:00:00"])
            if chance.random() < 0.2:
                column = chance.choice(list(table))
                if column in ("start", "end"):
                    table[column][row] = chance.choice(moments if own_types else times)
                elif column == "seconds":
                    table[column][row] = chance.choice([None, "0", "1", "-1", "99999999999"] + ([] if own_types else ["x", "1.5"]))
                elif column in ("lon", "lat", "accuracy_m", "distance_m", "rssi_dbm"):
                    table[column][row] = chance.choice(numbers)
                elif column == "protected":
                    table[column][row] = chance.choice([None, "true", "false"] + ([] if own_types else ["", "maybe"]))
                elif column == "seat_row":
                    table[column][row] = chance.choice([None, "3"] + ([] if own_types else ["", "window"]))
                elif column.endswith("_id") or column.startswith("person"):
                    table[column][row] = chance.choice(ids)
        frame = polars.DataFrame(table, schema={column: polars.String for column in table})
        if own_types:
            of = {"protected": polars.col("protected") == "true", "seat_row": polars.col("seat_row").cast(polars.Int64), "seconds": polars.col("seconds").cast(polars.Int64)}
            of |= {column: polars.col(column).str.to_datetime(time_unit="us", time_zone="Asia/Shanghai", strict=False) for column in ("start", "end")}
            of |= {column: polars.col(column).cast(polars.Float64, strict=False) for column in ("lon", "lat", "accuracy_m", "distance_m", "rssi_dbm")}
            frame = frame.with_columns(**{column: as_type for column, as_type in of.items() if column in table})
        found[name] = frame.with_columns(_file=polars.lit(f"{name}/part-0.parquet"), _row=polars.int_range(0, count, dtype=polars.Int64))
    return found


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
