"""Exports that are hard on a search: a case's rows lie on one another in time and space, and prove nothing or little.

Each kind in three sizes, one twice the other: work must grow with rows and evidence, and not with one times the other.
"""
import csv, datetime, random

BEGIN = datetime.datetime(2022, 11, 4)
TIMES = "person_id,start,end,place_id,lon,lat"


def at(second):
    return (BEGIN + datetime.timedelta(seconds=second)).strftime("%Y-%m-%d %H:%M:%S")


def behind(rows, _):
    """One long stay of a case, and many short ones; the others come when only the long one is left."""
    yield f"C,{at(0)},{at(5 * 86400)},V,,"
    for n in range(rows):
        yield f"C,{at(10 + n * 86400 // rows)},{at(12 + n * 86400 // rows)},V,,"
        second = 2 * 86400 + n * 86400 // rows
        yield f"P{n},{at(second)},{at(second + 10)},V,,"


def pings(rows, chance):
    """Many positions of a case in an hour, and as many of others, thirteen metres away."""
    for n in range(rows):
        yield f"C,{at(n * 3600 // rows)},,,120.0,30.0"
        yield f"P{n % 50},{at(chance.randrange(3600))},,,120.000135,30.0"


def long_pings(rows, _):
    """The same, each for days."""
    for n in range(rows):
        yield f"C,{at(n)},{at(n + 5 * 86400)},,120.0,30.0"
        yield f"P{n},{at(n)},{at(n + 5 * 86400)},,120.000135,30.0"


def crowd(rows, chance):
    """One case all day in a hall, to which everybody else comes once."""
    yield f"C,{at(0)},{at(86400)},V,,"
    for n in range(rows):
        second = chance.randrange(86000)
        yield f"P{n},{at(second)},{at(second + 300)},V,,"


KINDS = {"one long stay, many short ones": behind, "positions in an hour, 13 m apart": pings, "positions for days, 13 m apart": long_pings, "a hall": crowd}


def folder(directory, kind, rows):
    path = directory / f"worst-{kind.__name__}-{rows}"
    path.mkdir(parents=True, exist_ok=True)
    with open(path / "cases.csv", "w") as out:
        csv.writer(out, lineterminator="\n").writerows([["person_id", "onset", "confirmed"], ["C", "2022-11-05", "2022-11-09 09:00"]])
    with open(path / "trajectories.csv", "w") as out:
        print(TIMES, file=out)
        for line in kind(rows, random.Random(1)):
            print(line, file=out)
    return path
