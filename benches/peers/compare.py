#!/usr/bin/env python3
"""Runs trace beside DuckDB and Polars on the same files, in turn, and writes benches/RESULTS.md.

usage: compare.py [--persons 1000000] [--days 14] [--rounds 3] [--cities 1,2,4] [--dir /dev/shm/trace-peers]

Installs the peers (pip) if they are missing, builds trace, and makes the data (some 16 GB on a tmpfs at
the most; `--persons 100000 --cities 0.1,0.2` is a quick look). First it is checked that all find the same
pairs, seconds and matches; then all run in turn, and medians of whole processes are written. Peers stop
at the pairs and validate nothing; trace does its whole run: every row validated, zones, measures, tables.
Nothing else should run meanwhile.
"""
import argparse, csv, datetime, json, os, pathlib, platform, re, statistics, subprocess, sys

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import data, programs, worst
from data import ROOT, TRACE


# What the peers' programs do not know: crowds, masts, homes of many, and how long a position is held.
LIMITS = {"room_persons": None, "shared_position_persons": None, "household_max": None, "ping_gap_minutes": 0}

# A small process that starts the others: what a process peaks at counts the one that it was forked from.
STARTER = subprocess.Popen([sys.executable, "-S", "-E", "-c", """
import json, os, subprocess, sys, time
for line in sys.stdin:
    began = time.perf_counter()
    process = subprocess.Popen(json.loads(line), stdout=subprocess.PIPE, text=True)
    out = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    figures = time.perf_counter() - began, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024
    print(json.dumps([status, *figures, out.strip()]), flush=True)
"""], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def run(command):
    """(wall s, CPU s, peak MiB, stdout) of a process."""
    print(json.dumps([str(part) for part in command]), file=STARTER.stdin, flush=True)
    status, *figures, out = json.loads(STARTER.stdout.readline())
    if status:
        sys.exit(f"failed: {command}\n{out}")
    return *figures, out


class Bench:
    """Runs things in turn, and keeps the medians."""

    def __init__(self, directory, rounds):
        self.directory, self.rounds = directory, rounds
        self.without = self.policy("without.toml", **LIMITS)

    def policy(self, name, **values):
        """The default policy with other values, None where it has none, as a file."""
        text = subprocess.check_output([TRACE, "policy", "show", "cn-2022-11"], text=True)
        for key, value in values.items():
            line = "" if value is None else f"{key} = {value}"
            text, found = re.subn(rf"^{key} = .*$", line, text, count=1, flags=re.MULTILINE)
            assert found, key
        path = self.directory / name
        path.write_text(text)
        return path

    def out(self, folder):
        """Where the results of a folder go: each replaces one of its own size, as a run that is repeated does."""
        return self.directory / f"out-{pathlib.Path(folder).name}"

    def trace(self, folder, threads=2, policy=None):
        """A run; without the rules that peers do not have, unless a policy is given."""
        return [TRACE, "run", "--quiet", "--formats", "none", "--input", folder, "--output", self.out(folder), "--as-of", "2030-01-01", "--threads", str(threads), "--policy", policy or self.without]

    def peer(self, program, *args):
        return [sys.executable, "-c", program, *args]

    def turns(self, commands):
        """{name: (wall, CPU, peak)} of commands that run one after the other, so many rounds."""
        figures = {name: [] for name in commands}
        for _ in range(self.rounds):
            for name, command in commands.items():
                figures[name].append(run(command)[:3])
        return {name: tuple(statistics.median(column) for column in zip(*runs)) for name, runs in figures.items()}

    def same(self, folder, *answers, gps=10):
        """All find the pairs, seconds and matches of trace; each answer is (what it counts, its words)."""
        run(self.trace(folder, policy=self.policy("all.toml", min_minutes=0, gps_m=gps, **LIMITS)))
        out, ours = self.out(folder), {"pairs": 0, "seconds": 0, "peak": 0}
        for name in ("exposures.csv", "links.csv"):
            for row in csv.DictReader(open(out / name)):
                ours["pairs"] += 1
                ours["seconds"] += int(row["seconds"])
                ours["peak"] += int(row["peak_seconds"])
        ours["matches"] = sum(1 for _ in open(out / "evidence.csv")) - 1
        for counted, words in answers:
            for what, word in zip(counted.split(), words.split()):
                if word not in ("-", str(ours[what])):
                    sys.exit(f"{what}: trace finds {ours[what]}, a peer {word}")
        return ours


class Goals:
    """The table of what was to be reached."""

    def __init__(self):
        self.rows = []

    def faster(self, what, ours, peer, must, cpu=None):
        """A peer takes so many times as long."""
        ratio = peer[0] / ours[0]
        met = ratio >= must and (cpu is None or peer[1] / ours[1] >= cpu)
        also = f", {peer[1] / ours[1]:.1f} × in CPU" if cpu else ""
        self.rows.append((what, f"{ours[0]:.2f} s, {ours[2]:.0f} MiB", f"{peer[0]:.2f} s, {peer[2]:.0f} MiB", f"{ratio:.1f} × faster{also}", f"{must} ×", met))

    def within(self, what, ours, floor, must, unit="s"):
        """It takes at most so many times as much."""
        ratio = ours / floor
        self.rows.append((what, f"{ours:.2f} {unit}", f"{floor:.2f} {unit}", f"{ratio:.2f} × of it", f"≤ {must} ×", ratio <= must))

    def text(self):
        head = ["| what | trace | beside it | ratio | goal | |", "|---|---|---|---|---|---|"]
        return head + [f"| {' | '.join(row[:5])} | {'met' if row[5] else '**missed**'} |" for row in self.rows]


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


def rows_of(path):
    return sum(chunk.count(b"\n") for chunk in iter(lambda f=open(path, "rb"): f.read(1 << 24), b"")) - 1


def of_order(bench, goals, parquet, cases):
    """Parquet in order of time, of which the last days matter."""
    path, late = data.by_time(bench.directory, parquet, cases)
    folder = data.folder(bench.directory, "visits-by-time", late, trajectories=path)
    peers = {
        "DuckDB": bench.peer(programs.VISITS, path, folder / "cases.csv", "parquet"),
        "Polars": bench.peer(programs.POLARS, path, folder / "cases.csv"),
    }
    bench.same(folder, *(("pairs seconds peak", run(command)[3]) for command in peers.values()))
    took = bench.turns({"trace": bench.trace(folder), **peers})
    for name in peers:
        goals.faster(f"Parquet in order of time, {len(late)} late cases, {name}", took["trace"], took[name], 1)
    path.unlink()


def visits(bench, goals, args, floor):
    """Visits: CSV and Parquet, and how cost grows. Returns the lines of the report and the plot."""
    # Only visits with both ends and a place, which all engines read alike: 1.9 M people have 60 M in 14 days.
    persons = args.persons * 19 // 10
    path, parquet, cases = data.city(bench.directory, persons, args.days)
    folder = data.folder(bench.directory, "visits", data.some(cases, 500), trajectories=path)
    columns = data.folder(bench.directory, "visits-parquet", data.some(cases, 500), trajectories=parquet)
    some = folder / "cases.csv"
    peers = {
        "DuckDB, strings compared as strings": bench.peer(programs.VISITS, path, some, "varchar"),
        "DuckDB, typed": bench.peer(programs.VISITS, path, some, "typed"),
        "Polars": bench.peer(programs.POLARS, path, some),
        "DuckDB, Parquet": bench.peer(programs.VISITS, parquet, some, "parquet"),
        "Polars, Parquet": bench.peer(programs.POLARS, parquet, some),
    }
    found = bench.same(folder, *(("pairs seconds peak", run(command)[3]) for command in peers.values()))
    bench.same(columns, ("pairs seconds peak", f"{found['pairs']} {found['seconds']} {found['peak']}"))
    took = bench.turns({"trace": bench.trace(folder), "trace, every rule": bench.trace(folder, policy="cn-2022-11"), "trace, Parquet": bench.trace(columns), **peers, "counting lines once": [floor, path, "2"]})
    ours, of_columns, once = took["trace"], took["trace, Parquet"], took["counting lines once"]
    goals.faster("visits, DuckDB with strings", ours, took["DuckDB, strings compared as strings"], 5, cpu=5)
    goals.faster("visits, DuckDB typed", ours, took["DuckDB, typed"], 12)
    goals.faster("visits as CSV, DuckDB reads Parquet", ours, took["DuckDB, Parquet"], 2)
    goals.faster("visits as CSV, Polars reads Parquet", ours, took["Polars, Parquet"], 2)
    goals.faster("visits, both read Parquet, DuckDB", of_columns, took["DuckDB, Parquet"], 1)
    goals.faster("visits, both read Parquet, Polars", of_columns, took["Polars, Parquet"], 1)
    goals.within("visits, two counts of the lines", ours[0], 2 * once[0], 3)
    goals.within("visits, crowds, masts and homes looked for, against not", took["trace, every rule"][0], ours[0], 1.05)
    of_order(bench, goals, parquet, data.some(cases, 500))
    evidence = found["matches"]
    goals.within("visits, memory: 64 MiB and 64 B a row of evidence", ours[2], 64 + evidence * 64 / (1 << 20), 1, "MiB")

    few, many = data.spread(persons, 500), data.spread(persons, 5000)
    by_cases = [(len(c), data.folder(bench.directory, f"cases-{len(c)}", c, trajectories=path)) for c in (few[::10], few, many)]
    parts, total = [], rows_of(path)
    for share in (4, 2):
        part = bench.directory / f"visits-{share}.csv"
        with open(part, "wb") as out:
            subprocess.run(["head", "-n", str(total // share + 1), path], stdout=out, check=True)
        parts.append((total / share / 1e6, data.folder(bench.directory, f"rows-{share}", few, trajectories=part)))
    wall = bench.turns({**{f"cases {n}": bench.trace(f) for n, f in by_cases}, **{f"rows {n}": bench.trace(f) for n, f in parts},
                        **{f"threads {n}": bench.trace(folder, threads=n) for n in (1, 2)}})
    goals.within("5 000 cases, against 500", wall["cases 5000"][0], wall["cases 500"][0], 2.2)
    by_rows = [(n, wall[f"rows {n}"][0]) for n, _ in parts] + [(total / 1e6, wall["cases 500"][0])]
    goals.within("4 × the rows, against 4 × the time", by_rows[2][1], 4 * by_rows[0][1], 1)
    plot({"million rows": by_rows, "cases": [(n, wall[f"cases {n}"][0]) for n, _ in by_cases],
          "threads": [(n, wall[f"threads {n}"][0]) for n in (1, 2)]}, ROOT / "benches/cost.svg")
    persons, places = data.registers(bench.directory)
    full = data.folder(bench.directory, "registers", data.some(cases, 500), trajectories=path, persons=persons, places=places)
    beside = bench.turns({"registers": bench.trace(full)})["registers"]
    for file in (persons, places, *(bench.directory / f"visits-{n}.csv" for n in (4, 2))):
        file.unlink()
    text = [
        f"## Visits: {total / 1e6:.1f} M rows, {path.stat().st_size / 1e9:.2f} GB of CSV, {parquet.stat().st_size / 1e9:.2f} GB of Parquet", "",
        f"500 cases; all find the same {found['pairs']} pairs, seconds and best 24 hours ({evidence} rows of evidence).", "",
        "| | wall s | CPU s | peak MiB | wall / trace | CPU / trace |", "|---|---|---|---|---|---|",
        *(f"| {name} | {w:.2f} | {c:.2f} | {m:.0f} | {w / ours[0]:.2f} | {c / ours[1]:.2f} |" for name, (w, c, m) in took.items()), "",
        f"With `persons` of 10 M rows and `places` of 2 M rows beside: {beside[0]:.2f} s and {beside[2]:.0f} MiB, "
        f"that is {beside[0] - ours[0]:.2f} s and {beside[2] - ours[2]:.0f} MiB more.", "",
        "![cost against rows, cases and threads](cost.svg)", "",
    ]
    return text, path, cases


def others(bench, goals, args, path, cases):
    """Packed files, pings, co-locations."""
    plain, gz, zst = data.packed(bench.directory, path, 3_000_000)
    folders = {file.suffix: data.folder(bench.directory, f"packed{file.suffix}", data.some(cases, 300), trajectories=file) for file in (plain, gz, zst)}
    took = bench.turns({**{kind: bench.trace(f) for kind, f in folders.items()}, "gzip -dc": ["sh", "-c", f"gzip -dc {gz} >/dev/null"], "zstd -dc": ["sh", "-c", f"zstd -dcq {zst} >/dev/null"]})
    goals.within("3 M visits in `.csv.gz`, against `gzip -dc`", took[".gz"][0], took["gzip -dc"][0], 1.6)
    goals.within("3 M visits in `.csv.zst`, against `zstd -dc`", took[".zst"][0], took["zstd -dc"][0], 2.5)
    packed = f"3 M visits: plain {took['.csv'][0]:.2f} s, gzip {took['.gz'][0]:.2f} s, zstd {took['.zst'][0]:.2f} s."
    shapes = {name: data.folder(bench.directory, name, data.some(cases, 300), trajectories=file) for name, file in data.shapes(bench.directory, plain)}
    shaped = bench.turns({name: bench.trace(folder) for name, folder in shapes.items()})
    shaped = ", ".join(f"{name} {wall:.2f} s" for name, (wall, _, _) in shaped.items())
    lines = ["## Packed, pings, co-locations", "", packed, "", f"The same with `\\r\\n`, with every cell in quotes, with 40 columns, with a Chinese name in every row: {shaped}.", ""]

    rows = 20_000_000 * args.persons // 1_000_000
    pings, of_pings = data.pings(bench.directory, rows)
    folder = data.folder(bench.directory, "pings", of_pings, trajectories=pings)
    peer = bench.peer(programs.PINGS, pings, folder / "cases.csv")
    found = bench.same(folder, ("pairs matches", run(peer)[3]), gps=2)
    every = bench.policy("pings.toml", min_minutes=0, gps_m=2)
    took = bench.turns({"trace": bench.trace(folder, policy=bench.directory / "all.toml"), "every rule": bench.trace(folder, policy=every), "DuckDB": peer})
    goals.faster(f"{rows / 1e6:.0f} M pings, 100 cases, DuckDB by cells", took["trace"], took["DuckDB"], 4)
    goals.within(f"{rows / 1e6:.0f} M pings, positions held and every other rule, against not", took["every rule"][0], took["trace"][0], 2)
    lines += [f"{rows / 1e6:.0f} M pings, 2 m and 60 s: both find {found['pairs']} pairs and {found['matches']} matches.",
              f"No ping has an end, so the rows of those who may match are read once more: {took['trace'][0]:.2f} s, and {took['every rule'][0]:.2f} s with every rule.", ""]
    pings.unlink()

    rows = 50_000_000 * args.persons // 1_000_000
    meetings = data.colocations(bench.directory, args.persons, rows)
    folder = data.folder(bench.directory, "colocations", data.spread(args.persons, 500), colocations=meetings)
    peer = bench.peer(programs.COLOCATIONS, meetings, folder / "cases.csv")
    found = bench.same(folder, ("pairs matches", run(peer)[3]))
    took = bench.turns({"trace": bench.trace(folder), "DuckDB": peer})
    goals.faster(f"{rows / 1e6:.0f} M co-locations, 500 cases, DuckDB", took["trace"], took["DuckDB"], 5)
    lines += [f"{rows / 1e6:.0f} M co-locations: both find {found['pairs']} pairs and {found['matches']} matches.", ""]
    meetings.unlink()
    return lines


def workbooks(bench, path, cases, commit):
    """A sheet of a million visits, beside programs that only read its cells."""
    sheet = data.workbook(bench.directory, path, 1_000_000)
    folder = data.folder(bench.directory, "workbook", data.some(cases, 300), trajectories=sheet)
    rows = data.first_rows(bench.directory, path, 1_000_000)
    plain = data.folder(bench.directory, "workbook-csv", data.some(cases, 300), trajectories=rows)
    took = bench.turns({
        "trace, the whole run": bench.trace(folder), "trace, the same rows as CSV": bench.trace(plain),
        "openpyxl, read-only, every cell": bench.peer(programs.OPENPYXL, sheet), "Polars (`read_excel`)": bench.peer(programs.POLARS_EXCEL, sheet)})
    pairs = [sum(1 for _ in open(bench.out(of) / "exposures.csv")) - 1 for of in (folder, plain)]
    assert pairs[0] == pairs[1], pairs
    lines = ["## Workbooks", "", f"A sheet of 1 M visits ({sheet.stat().st_size / 1e6:.0f} MB of .xlsx), {datetime.date.today()}, commit {commit}; {pairs[0]} pairs, as from CSV.", "",
             "| | wall s | CPU s | peak MiB |", "|---|---|---|---|"]
    return lines + [f"| {name} | {wall:.2f} | {cpu:.2f} | {peak:.0f} |" for name, (wall, cpu, peak) in took.items()] + [""]


def hard(bench, commit):
    """Exports that are hard on a search, in three sizes each."""
    lines = ["## Exports that are hard on a search", "",
             f"{datetime.date.today()}, commit {commit}; wall seconds without those of an export of ten rows; `growth` is the last against the first, over that of rows and evidence (1 is linear).", "",
             "| | 50 k rows a side | 100 k | 200 k | rows of evidence | growth |", "|---|---|---|---|---|---|"]
    for name, kind in worst.KINDS.items():
        few = bench.turns({"": bench.trace(worst.folder(bench.directory, kind, 10))})[""][0]
        took, work = [], []
        for rows in (50_000, 100_000, 200_000):
            folder = worst.folder(bench.directory, kind, rows)
            took.append(max(bench.turns({"": bench.trace(folder)})[""][0] - few, 0.001))
            evidence = sum(1 for _ in open(bench.out(folder) / "evidence.csv")) - 1
            work.append(2 * rows + evidence)
            data.drop(folder)
        growth = took[-1] / took[0] / (work[-1] / work[0])
        lines.append(f"| {name} | {' | '.join(f'{seconds:.2f}' for seconds in took)} | {evidence} | {growth:.2f} |")
    return lines + [""]


def replace_part(heading, lines):
    """Puts a part of the results in the place of what it was."""
    path = ROOT / "benches/RESULTS.md"
    parts = re.split(r"(?m)^(?=## )", path.read_text())
    kept = [part for part in parts if not part.startswith(heading)]
    path.write_text("".join(kept).rstrip() + "\n\n" + "\n".join(lines))


def cities(bench, goals, args):
    """Whole synthetic cities, with every table, and what ten million people would take."""
    lines = [f"## Cities of {args.days} days, every table", "",
             "| million people | made in s | million rows | GB | run s | peak MiB | results MB |", "|---|---|---|---|---|---|---|"]
    points = []
    for millions in (float(n) for n in args.cities.split(",")):
        city = bench.directory / "whole-city"
        made = run([TRACE, "synth", "--output", city, "--persons", str(int(millions * 1e6)), "--days", str(args.days), "--quiet"])[0]
        if millions == 1:
            goals.within("`synth` of 1 M people × 14 days, against 30 s", made, 30, 1)
        runs = [run([TRACE, "run", "--quiet", "--formats", "none", "--input", city, "--output", bench.out(city), "--threads", "2"]) for _ in range(args.rounds)]
        wall, _, peak = (statistics.median(column) for column in list(zip(*runs))[:3])
        size = sum(file.stat().st_size for file in city.rglob("*.csv")) / 1e9
        results = sum(file.stat().st_size for file in bench.out(city).iterdir()) / 1e6
        rows = rows_of(city / "trajectories.csv") / 1e6
        points.append((millions, rows, size, wall, peak, results))
        lines.append(f"| {millions:g} | {made:.1f} | {rows:.1f} | {size:.1f} | {wall:.2f} | {peak:.0f} | {results:.0f} |")
        data.drop(city)
    (first, last) = points[0], points[-1]
    at = lambda n: last[n] + (last[n] - first[n]) / (last[0] - first[0]) * (10 - last[0])
    if first[0] < last[0]:
        lines.append(f"| 10 (on the line of the first and the last) | | {at(1):.0f} | {at(2):.0f} | {at(3):.0f} | {at(4):.0f} | {at(5):.0f} |")
    return lines + [""]


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--persons", type=int, default=1_000_000)
    ap.add_argument("--days", type=int, default=14)
    ap.add_argument("--rounds", type=int, default=3)
    ap.add_argument("--cities", default="1,2,4")
    ap.add_argument("--part", choices=["workbooks", "hard"], help="only this part, put in its place in RESULTS.md")
    ap.add_argument("--dir", type=pathlib.Path, default=pathlib.Path("/dev/shm/trace-peers"))
    args = ap.parse_args()
    try:
        import duckdb, fastexcel, openpyxl, polars, xlsxwriter
    except ImportError:
        subprocess.check_call([sys.executable, "-m", "pip", "install", "--quiet", "duckdb", "fastexcel", "openpyxl", "polars", "xlsxwriter"])
        os.execv(sys.executable, [sys.executable, *sys.argv])
    commit = subprocess.run(["git", "describe", "--always", "--dirty"], capture_output=True, text=True, cwd=ROOT).stdout.strip()
    subprocess.check_call(["cargo", "build", "--release", "--quiet"], cwd=ROOT)
    built = subprocess.run(["cargo", "bench", "--bench", "newlines", "--no-run"], capture_output=True, text=True, cwd=ROOT).stderr
    floor = ROOT / built.rsplit("(", 1)[1].split(")")[0]
    args.dir.mkdir(parents=True, exist_ok=True)
    bench, goals = Bench(args.dir, args.rounds), Goals()
    if args.part == "hard":
        lines = hard(bench, commit)
        replace_part("## Exports that are hard", lines)
        return print("\n".join(lines))
    if args.part:
        path, _, cases = data.city(args.dir, args.persons, args.days)
        lines = workbooks(bench, path, cases, commit)
        replace_part("## Workbooks", lines)
        return print("\n".join(lines))
    of_visits, path, cases = visits(bench, goals, args, floor)
    of_others = others(bench, goals, args, path, cases)
    of_workbooks = workbooks(bench, path, cases, commit)
    of_hard = hard(bench, commit)
    of_cities = cities(bench, goals, args)
    machine = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), platform.machine())
    text = [
        "# Beside DuckDB and Polars", "",
        f"{datetime.date.today()}, commit {commit}, {machine}, {os.cpu_count()} cores, files on tmpfs, two threads, medians of {args.rounds} runs in turn.",
        "Made by `python3 benches/peers/compare.py`. trace validates every row, and does zones, measures and every table besides;",
        "the peers validate nothing and stop at the pairs.", "", *goals.text(), "", *of_visits, *of_others, *of_cities, *of_workbooks, *of_hard,
    ]
    (ROOT / "benches/RESULTS.md").write_text("\n".join(text))
    print("\n".join(text))


if __name__ == "__main__":
    main()
