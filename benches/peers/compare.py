#!/usr/bin/env python3
"""Runs trace beside DuckDB and Polars on the same files, in turn, and writes RESULTS.md beside this.

usage: compare.py [--persons 1000000] [--days 14] [--rounds 3] [--dir /dev/shm/trace-peers]

Installs the peers (pip) if they are missing, builds trace, makes a city with `trace synth`, and cuts
it to what the peers can do: visits with both ends, and cases with onset and isolation. Peers find the
pairs, their seconds and their best 24 hours; trace does its whole run, zones and measures and every
table, with every row validated. First it is checked that all find the same pairs and seconds.
Times are medians of whole processes; nothing else should run meanwhile.
"""
import argparse, csv, datetime, os, pathlib, platform, resource, shutil, statistics, subprocess, sys, time

ROOT = pathlib.Path(__file__).resolve().parents[2]
TRACE = ROOT / "target/release/trace"

DUCKDB = """
import duckdb, sys
visits, cases, kind = sys.argv[1:4]
c = duckdb.connect()
c.execute("SET threads=2; SET preserve_insertion_order=false; SET enable_progress_bar=false")
ts = "VARCHAR" if kind == "varchar" else "TIMESTAMP"
src = (f"read_parquet('{visits}')" if visits.endswith(".parquet") else
       f"read_csv('{visits}', header=true, delim=',', quote='', escape='', auto_detect=false, columns="
       f"{{'person_id':'VARCHAR','start':'{ts}','end':'{ts}','place_id':'VARCHAR'}})")
cast = "::TIMESTAMP"
if kind == "varchar":  # the small side must be the build side, and read_csv does not know how long it is
    c.execute("SET disabled_optimizers='join_order,build_side_probe_side'")
c.execute(f"CREATE TEMP TABLE c AS SELECT person_id, onset::TIMESTAMP - INTERVAL 2 DAY ws, isolated we FROM "
          f"read_csv('{cases}', header=true, columns={{'person_id':'VARCHAR','onset':'DATE','confirmed':'TIMESTAMP','isolated':'TIMESTAMP'}})")
c.execute(f"CREATE TEMP TABLE own AS SELECT v.* FROM {src} v WHERE person_id IN (SELECT person_id FROM c)")
c.execute(f'''CREATE TEMP TABLE cv AS SELECT *, strftime(cs,'%Y-%m-%d %H:%M:%S') css, strftime(ce,'%Y-%m-%d %H:%M:%S') ces FROM
  (SELECT person_id case_id, place_id, greatest(start{cast}, ws) cs, least("end"{cast}, we) ce FROM own JOIN c USING (person_id)) WHERE cs < ce''')
a, b = ("ces", "css") if ts == "VARCHAR" and not visits.endswith(".parquet") else ("ce", "cs")
c.execute(f'''CREATE TEMP TABLE o AS SELECT case_id, v.person_id, epoch(greatest(v.start{cast}, cs))::BIGINT s, epoch(least(v."end"{cast}, ce))::BIGINT e
  FROM {src} v JOIN cv ON v.place_id = cv.place_id AND v.start < cv.{a} AND v."end" > cv.{b} WHERE v.person_id <> cv.case_id''')
r = c.execute('''SELECT count(*), sum(d)::BIGINT, sum(m)::BIGINT FROM (SELECT case_id, person_id, sum(e-s) d, max(greatest(f, b)) m FROM
  (SELECT *, sum(e-s) OVER f - greatest(0, last_value(e) OVER f - (s+86400)) f, sum(e-s) OVER b - greatest(0, (e-86400) - first_value(s) OVER b) b FROM o
   WINDOW f AS (PARTITION BY case_id, person_id ORDER BY s RANGE BETWEEN CURRENT ROW AND 86399 FOLLOWING),
          b AS (PARTITION BY case_id, person_id ORDER BY e RANGE BETWEEN 86399 PRECEDING AND CURRENT ROW)) GROUP BY ALL)''').fetchone()
print(*r)
"""

POLARS = """
import os, sys
os.environ["POLARS_MAX_THREADS"] = "2"
import polars as pl
visits, cases = sys.argv[1:3]
typed = visits.endswith(".parquet")
v = pl.scan_parquet(visits) if typed else pl.scan_csv(visits, infer_schema=False)
t = lambda name: pl.col(name) if typed else pl.col(name).str.to_datetime("%Y-%m-%d %H:%M:%S")
c = pl.read_csv(cases, infer_schema=False).with_columns(ws=pl.col("onset").str.to_datetime("%Y-%m-%d") - pl.duration(days=2),
    we=pl.col("isolated").str.to_datetime("%Y-%m-%d %H:%M:%S")).select("person_id", "ws", "we")
own = v.filter(pl.col("person_id").is_in(c["person_id"].to_list())).collect(engine="streaming")
own = own.join(c, on="person_id").with_columns(cs=pl.max_horizontal(t("start"), "ws"), ce=pl.min_horizontal(t("end"), "we")).filter(pl.col("cs") < pl.col("ce"))
own = own.select(pl.col("person_id").alias("case_id"), "place_id", "cs", "ce")
hit = v.filter(pl.col("place_id").is_in(own["place_id"].unique().to_list())).with_columns(start=t("start"), end=t("end"))
o = (hit.join(own.lazy(), on="place_id").filter((pl.col("start") < pl.col("ce")) & (pl.col("end") > pl.col("cs")) & (pl.col("person_id") != pl.col("case_id")))
     .select("case_id", "person_id", s=pl.max_horizontal("start", "cs"), e=pl.min_horizontal("end", "ce")))
r = o.group_by("case_id", "person_id").agg((pl.col("e") - pl.col("s")).dt.total_seconds().sum().alias("d")).collect(engine="streaming")
print(r.height, r["d"].sum(), "-")
"""


def run(command, quiet=True):
    """(wall s, CPU s, peak MiB, stdout) of a process."""
    began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    process = subprocess.Popen([str(part) for part in command], stdout=subprocess.PIPE, text=True)
    out = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"failed: {command}\n{out}")
    return time.perf_counter() - began, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, out.strip()


def build(directory, persons, days, cases):
    """visits.csv, visits.parquet, cases.csv, and a folder for trace, from a synthetic city."""
    import duckdb
    directory.mkdir(parents=True, exist_ok=True)
    city = directory / "city"
    if not (directory / "visits.csv").exists():
        subprocess.check_call([TRACE, "synth", "--output", city, "--persons", str(persons), "--days", str(days), "--quiet"])
        db = duckdb.connect()
        db.execute(f"""COPY (SELECT person_id, start, "end", place_id FROM read_csv('{city}/trajectories.csv', all_varchar=true, header=true)
          WHERE place_id IS NOT NULL AND "end" IS NOT NULL) TO '{directory}/visits.csv' (HEADER)""")
        db.execute(f"""COPY (SELECT person_id, start::TIMESTAMP AS start, "end"::TIMESTAMP AS "end", place_id FROM read_csv('{directory}/visits.csv', all_varchar=true, header=true))
          TO '{directory}/visits.parquet' (FORMAT PARQUET)""")
        os.remove(city / "trajectories.csv")
    rows = [r for r in csv.DictReader(open(city / "cases.csv")) if r["onset"] and r["isolated"]]
    folder = directory / f"cases-{cases}"
    folder.mkdir(exist_ok=True)
    with open(folder / "cases.csv", "w") as out:
        table = csv.DictWriter(out, ["person_id", "onset", "confirmed", "isolated"], extrasaction="ignore", lineterminator="\n")
        table.writeheader()
        table.writerows(rows[:: max(1, len(rows) // cases)][:cases])
    link = folder / "trajectories.csv"
    if not link.exists():
        link.symlink_to(directory / "visits.csv")
    return folder


def same(folder, answer, directory):
    """trace finds the pairs, the seconds and the best 24 hours of a peer."""
    policy = subprocess.check_output([TRACE, "policy", "show", "cn-2022-11"], text=True).replace("min_minutes = 10", "min_minutes = 0", 1)
    (directory / "all.toml").write_text(policy)
    out = directory / "out-all"
    run([TRACE, "run", "--quiet", "--formats", "none", "--input", folder, "--output", out, "--as-of", "2030-01-01", "--policy", directory / "all.toml"])
    pairs = seconds = peak = 0
    for name in ("exposures.csv", "links.csv"):
        for row in csv.DictReader(open(out / name)):
            pairs, seconds, peak = pairs + 1, seconds + int(row["seconds"]), peak + int(row["peak_seconds"])
    shutil.rmtree(out)
    theirs = answer.split()
    if [str(pairs), str(seconds)] != theirs[:2] or theirs[2] not in ("-", str(peak)):
        sys.exit(f"trace: {pairs} {seconds} {peak}, the peer: {answer}")
    return pairs


def plot(points, path):
    """Seconds against rows, cases and threads, as three small pictures in one SVG."""
    width, height, parts = 300, 200, []
    for n, (title, series) in enumerate(points.items()):
        top, right = max(y for _, y in series) * 1.15, max(x for x, _ in series) * 1.05
        at = lambda x, y: (n * width + 45 + x / right * (width - 70), height - 35 - y / top * (height - 70))
        dots = [at(x, y) for x, y in series]
        parts.append(f'<text x="{n * width + 45}" y="20" font-weight="bold">{title}</text>')
        parts.append(f'<path d="M{n * width + 45},35 V{height - 35} H{(n + 1) * width - 25}" stroke="#888" fill="none"/>')
        parts.append('<polyline fill="none" stroke="#0b6" stroke-width="2" points="' + " ".join(f"{x:.0f},{y:.0f}" for x, y in dots) + '"/>')
        for (x, y), (px, py) in zip(series, dots):
            parts.append(f'<circle cx="{px:.0f}" cy="{py:.0f}" r="3" fill="#0b6"/><text x="{px:.0f}" y="{py - 8:.0f}" text-anchor="middle">{y:.2f} s</text>'
                         f'<text x="{px:.0f}" y="{height - 18}" text-anchor="middle">{x:g}</text>')
    path.write_text(f'<svg xmlns="http://www.w3.org/2000/svg" width="{width * len(points)}" height="{height}" font-family="sans-serif" font-size="11">'
                    f'<rect width="100%" height="100%" fill="white"/>{"".join(parts)}</svg>\n')


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--persons", type=int, default=1_000_000)
    ap.add_argument("--days", type=int, default=14)
    ap.add_argument("--rounds", type=int, default=3)
    ap.add_argument("--dir", type=pathlib.Path, default=pathlib.Path("/dev/shm/trace-peers"))
    args = ap.parse_args()
    try:
        import duckdb, polars
    except ImportError:
        subprocess.check_call([sys.executable, "-m", "pip", "install", "--quiet", "duckdb", "polars"])
        os.execv(sys.executable, [sys.executable, *sys.argv])
    subprocess.check_call(["cargo", "build", "--release", "--quiet"], cwd=ROOT)
    built = subprocess.run(["cargo", "bench", "--bench", "newlines", "--no-run"], capture_output=True, text=True, cwd=ROOT).stderr
    floor = built.rsplit("(", 1)[1].split(")")[0]
    folder = build(args.dir, args.persons, args.days, 500)
    visits, cases, out = args.dir / "visits.csv", folder / "cases.csv", args.dir / "out"
    trace = lambda folder, *more: [TRACE, "run", "--quiet", "--formats", "none", "--input", folder, "--output", out, "--as-of", "2030-01-01", *more]
    peers = {
        "trace, whole run": trace(folder, "--threads", "2"),
        "DuckDB, strings compared as strings": [sys.executable, "-c", DUCKDB, visits, cases, "varchar"],
        "DuckDB, typed": [sys.executable, "-c", DUCKDB, visits, cases, "typed"],
        "Polars": [sys.executable, "-c", POLARS, visits, cases],
        "DuckDB, Parquet": [sys.executable, "-c", DUCKDB, args.dir / "visits.parquet", cases, "parquet"],
        "Polars, Parquet": [sys.executable, "-c", POLARS, args.dir / "visits.parquet", cases],
        "counting lines twice": [ROOT / floor, visits, "2"],
    }
    pairs = 0
    for name, command in peers.items():
        if "trace" not in name and "counting" not in name:
            pairs = same(folder, run(command)[3], args.dir)
    print(f"all find the same {pairs} pairs and seconds", flush=True)
    figures = {name: [] for name in peers}
    for _ in range(args.rounds):
        for name, command in peers.items():
            wall, cpu, peak, _ = run(command)
            twice = 2 if "counting" in name else 1
            figures[name].append((wall * twice, cpu * twice, peak))
    median = {name: [statistics.median(column) for column in zip(*runs)] for name, runs in figures.items()}
    ours = median["trace, whole run"]
    rows = sum(1 for _ in open(visits, "rb")) - 1
    table = ["| | wall s | CPU s | peak MiB | wall / trace | CPU / trace |", "|---|---|---|---|---|---|"]
    for name, (wall, cpu, peak) in median.items():
        table.append(f"| {name} | {wall:.2f} | {cpu:.2f} | {peak:.0f} | {wall / ours[0]:.2f} | {cpu / ours[1]:.2f} |")
    time_of = lambda *command: statistics.median(run(command[0])[0] for _ in range(args.rounds))
    half = [build(args.dir / f"part-{n}", args.persons // n, args.days, 500 // n) for n in (4, 2)]
    by_rows = [(sum(1 for _ in open(f / "trajectories.csv", "rb")) / 1e6, time_of(trace(f, "--threads", "2"))) for f in half] + [(rows / 1e6, ours[0])]
    by_cases = [(n, time_of(trace(build(args.dir, args.persons, args.days, n), "--threads", "2"))) for n in (50, 500, 1000)]
    by_threads = [(n, time_of(trace(folder, "--threads", str(n)))) for n in (1, 2)]
    plot({"million rows (cases in proportion)": by_rows, "cases": by_cases, "threads": by_threads}, ROOT / "benches/peers/cost.svg")
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, cwd=ROOT).stdout.strip()
    machine = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), platform.machine())
    text = [
        "# Beside DuckDB and Polars", "",
        f"{datetime.date.today()}, commit {commit}, {machine}, {os.cpu_count()} cores, files on tmpfs, medians of {args.rounds} runs in turn.",
        f"{rows / 1e6:.1f} M visits of {args.persons} people over {args.days} days, {visits.stat().st_size / 1e9:.2f} GB of CSV, 500 cases, {pairs} pairs: all find the same.",
        "Made by `python3 benches/peers/compare.py`.", "", *table, "",
        "trace validates every row, and does zones, measures and every table besides; the peers validate nothing and stop at the pairs.", "",
        "![cost against rows, cases and threads](cost.svg)", "",
    ]
    (ROOT / "benches/peers/RESULTS.md").write_text("\n".join(text))
    print("\n".join(text))


main()
