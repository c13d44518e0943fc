"""The data of the comparison: a synthetic city cut to what the peers can do, pings, co-locations."""
import csv, os, pathlib, shutil, subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
TRACE = ROOT / "target/release/trace"
CASE = ["person_id", "onset", "confirmed", "isolated"]


def folder(directory, name, cases, **tables):
    """An input folder of `cases` and links to files."""
    path = directory / name
    path.mkdir(parents=True, exist_ok=True)
    with open(path / "cases.csv", "w") as out:
        table = csv.DictWriter(out, CASE, extrasaction="ignore", lineterminator="\n")
        table.writeheader()
        table.writerows(cases)
    for table, file in tables.items():
        link = path / (table + "".join(file.suffixes))
        link.unlink(missing_ok=True)
        link.symlink_to(file)
    return path


def city(directory, persons, days):
    """Visits with both ends as CSV and as Parquet, and the cases with onset and isolation."""
    import duckdb
    directory.mkdir(parents=True, exist_ok=True)
    here, visits = directory / "city", directory / "visits.csv"
    if not visits.exists():
        subprocess.check_call([TRACE, "synth", "--output", here, "--persons", str(persons), "--days", str(days), "--quiet"])
        db = duckdb.connect()
        db.execute(f"""COPY (SELECT person_id, start, "end", place_id FROM read_csv('{here}/trajectories.csv', all_varchar=true, header=true)
          WHERE place_id IS NOT NULL AND "end" IS NOT NULL) TO '{visits}' (HEADER)""")
        db.execute(f"""COPY (SELECT person_id, start::TIMESTAMP AS start, "end"::TIMESTAMP AS "end", place_id
          FROM read_csv('{visits}', all_varchar=true, header=true)) TO '{directory}/visits.parquet' (FORMAT PARQUET)""")
        os.remove(here / "trajectories.csv")
    cases = [row for row in csv.DictReader(open(here / "cases.csv")) if row["onset"] and row["isolated"]]
    return visits, directory / "visits.parquet", cases


def by_time(directory, parquet, cases):
    """The visits as they come day after day, and the cases of the last three days."""
    import duckdb
    path = directory / "visits-by-time.parquet"
    if not path.exists():
        duckdb.connect().execute(f"""COPY (SELECT * FROM read_parquet('{parquet}') ORDER BY start) TO '{path}' (FORMAT PARQUET)""")
    days = sorted({case["onset"] for case in cases})[-3:]
    return path, [case for case in cases if case["onset"] in days]


def some(cases, count):
    """So many of the cases, evenly."""
    return cases[:: max(1, len(cases) // count)][:count]


def spread(persons, count):
    """Cases among all persons, with windows of some five days each."""
    day = lambda n: f"2022-11-{n:02}"
    return [
        {"person_id": f"P{n * (persons // count):07}", "onset": day(4 + n % 8), "confirmed": f"{day(6 + n % 8)} 08:00:00", "isolated": f"{day(6 + n % 8)} 12:00:00"}
        for n in range(count)
    ]


def packed(directory, visits, rows):
    """The first rows of the visits, plain, with gzip and with zstd."""
    plain = directory / "part.csv"
    if not plain.exists():
        with open(plain, "wb") as out:
            subprocess.run(["head", "-n", str(rows + 1), visits], stdout=out, check=True)
        subprocess.check_call(["gzip", "-k", plain])
        subprocess.check_call(["zstd", "-q", "-k", plain])
    return plain, directory / "part.csv.gz", directory / "part.csv.zst"


def shapes(directory, plain):
    """The same rows as other programs write them."""
    wide = b"," + b",".join(b"cell" for _ in range(36))
    change = {
        "crlf": lambda line: line[:-1] + b"\r\n",
        "quoted": lambda line: b'"' + line[:-1].replace(b",", b'","') + b'"\n',
        "wide": lambda line: line[:-1] + wide + b"\n",
        "Chinese": lambda line: line[:-1] + ",滨江花园三期\n".encode(),
        "GB18030": lambda line: line[:-1] + ",滨江花园三期\n".encode("gb18030"),
    }
    for name, rewrite in change.items():
        path = directory / f"part-{name}.csv"
        if not path.exists():
            with open(path, "wb") as out:
                out.writelines(map(rewrite, open(plain, "rb")))
        yield name, path


def pings(directory, rows):
    """A day of pings of people who go from spot to spot by the hour, and a hundred cases among them."""
    import duckdb
    path, persons = directory / "pings.csv", rows // 1440
    if not path.exists():
        duckdb.connect().execute(f"""COPY (SELECT 'P' || lpad(p::VARCHAR, 7, '0') AS person_id,
            strftime(TIMESTAMP '2022-11-08 00:00:00' + to_seconds(m * 60 + (hash(p) % 60)::INT), '%Y-%m-%d %H:%M:%S') AS start,
            round(121.4 + (spot % 50) * 1e-3 + (hash(p, m) % 1000) * 6e-8, 7) AS lon, round(31.2 + (spot // 50) * 1e-3 + (hash(m, p) % 1000) * 6e-8, 7) AS lat
          FROM (SELECT m, p, (hash(p, m // 60) % 2500)::INT AS spot FROM range(1440) a(m), range({persons}) b(p))) TO '{path}' (HEADER)""")
    return path, [{"person_id": f"P{n * (persons // 100):07}", "onset": "2022-11-09", "confirmed": "2022-11-09 08:00:00", "isolated": "2022-11-10 00:00:00"} for n in range(100)]


def colocations(directory, persons, rows):
    """Meetings of anybody with anybody over two weeks."""
    import duckdb
    path = directory / "colocations.csv"
    if not path.exists():
        duckdb.connect().execute(f"""COPY (SELECT 'P' || lpad((hash(n) % {persons})::VARCHAR, 7, '0') AS person_a,
            'P' || lpad(((hash(n) + 1 + hash(n, 1) % {persons - 1}) % {persons})::VARCHAR, 7, '0') AS person_b,
            strftime(t0, '%Y-%m-%d %H:%M:%S') AS start, strftime(t0 + to_seconds(60 + (hash(n, 3) % 840)::INT), '%Y-%m-%d %H:%M:%S') AS "end"
          FROM (SELECT n, TIMESTAMP '2022-11-01' + to_seconds((hash(n, 2) % 1209600)::INT) AS t0 FROM range({rows}) r(n))) TO '{path}' (HEADER)""")
    return path


def registers(directory):
    """Ten million persons and two million places beside the visits."""
    import duckdb
    if not (directory / "persons.csv").exists():
        db = duckdb.connect()
        db.execute(f"""COPY (SELECT 'P' || lpad(n::VARCHAR, 7, '0') AS person_id, 'H' || lpad((n // 5)::VARCHAR, 7, '0') AS residence, 'Binjiang' AS county
          FROM range(10000000) r(n)) TO '{directory}/persons.csv' (HEADER)""")
        db.execute(f"""COPY (SELECT 'H' || lpad(n::VARCHAR, 7, '0') AS place_id, 'residence' AS kind, (n % 4 + 1) AS unit, (n // 4 % 20 + 1) AS building,
          'Garden ' || (n // 80) AS compound, 'Binjiang' AS county FROM range(2000000) r(n)) TO '{directory}/places.csv' (HEADER)""")
    return directory / "persons.csv", directory / "places.csv"


def drop(path):
    shutil.rmtree(path, ignore_errors=True)


def first_rows(directory, visits, rows):
    """The first rows of the visits, as CSV."""
    path = directory / "sheet.csv"
    if not path.exists():
        with open(path, "wb") as out:
            subprocess.run(["head", "-n", str(rows + 1), visits], stdout=out, check=True)
    return path


def workbook(directory, visits, rows):
    """The same in a sheet, with times as dates; a sheet holds 1 048 576 rows."""
    import datetime, xlsxwriter
    path = directory / "sheet.xlsx"
    if not path.exists():
        book = xlsxwriter.Workbook(path, {"constant_memory": True})
        sheet, date = book.add_worksheet("trajectories"), book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        for y, row in enumerate(csv.reader(open(first_rows(directory, visits, rows)))):
            for x, cell in enumerate(row):
                if y and x in (1, 2):
                    sheet.write_datetime(y, x, datetime.datetime.fromisoformat(cell), date)
                else:
                    sheet.write_string(y, x, cell)
        book.close()
    return path
