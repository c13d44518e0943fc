"""Three inputs: hostile names, fifty-five thousand close contacts, and four hundred zones."""
import csv, pathlib, sys

HOSTILE = ["</script><script>window.pwned=1</script>", "<img src=x onerror=window.pwned=1>", "=1+1", "007", "110101199003070011", "\"'`;--&", "甲{{data}}", *(f"@N{n}" for n in range(9))]


def folder(path, people):
    path.mkdir()
    with open(path / "cases.csv", "w", newline="") as out:
        csv.writer(out).writerows([["person_id", "onset", "confirmed", "isolated"], ["C1", "2022-11-08", "2022-11-09 08:00", "2022-11-09 12:00"]])
    with open(path / "places.csv", "w", newline="") as out:
        csv.writer(out).writerows([
            ["place_id", "name", "building", "compound", "county", "lon", "lat", "dense"],
            ["V1", "<b>Market</b> 一号", "3", "Garden", "=Dong", "120.1551", "30.2741", "1"], ["V2", "Hall", "", "", "Xi", "120.2051", "30.2541", "1"]])
    with open(path / "persons.csv", "w", newline="") as out:
        csv.writer(out).writerows([["person_id", "residence"], *([person, "V1"] for person in people[::2])])
    with open(path / "trajectories.csv", "w", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(["person_id", "start", "end", "place_id"])
        for place, hour in (("V1", 9), ("V2", 13)):
            for day in (7, 8):
                rows.writerow(["C1", f"2022-11-{day:02} {hour:02}:00:00", f"2022-11-{day:02} {hour + 3:02}:00:00", place])
        for n, person in enumerate(people):
            rows.writerow([person, "2022-11-08 09:00:00", f"2022-11-08 10:{n % 60:02}:{n // 60 % 60:02}", "V1" if n % 3 else "V2"] if n % 3 else [person, "2022-11-08 13:00:00", f"2022-11-08 14:{n % 60:02}:{n // 60 % 60:02}", "V2"])


work = pathlib.Path(sys.argv[1])
folder(work / "hostile", HOSTILE)
folder(work / "many", [f"P{n:06}" for n in range(55_000)])


def zones(path, count):
    """A case in each of so many homes over a city, each in a building of its own."""
    path.mkdir()
    with open(path / "cases.csv", "w", newline="") as out:
        csv.writer(out).writerows([["person_id", "onset", "confirmed"], *([f"C{n}", f"2022-11-{5 + n % 5:02}", f"2022-11-{6 + n % 5:02} 08:00"] for n in range(count))])
    with open(path / "places.csv", "w", newline="") as out:
        csv.writer(out).writerows([["place_id", "unit", "building", "compound", "county", "lon", "lat"], *([f"H{n}", "1", n % 20 + 1, f"Garden {n // 20}", "Dong", f"{120 + n % 23 * 0.003:.4f}", f"{30 + n // 23 * 0.002:.4f}"] for n in range(count))])
    with open(path / "persons.csv", "w", newline="") as out:
        csv.writer(out).writerows([["person_id", "residence"], *([f"{kind}{n}", f"H{n}"] for n in range(count) for kind in "CP")])
    with open(path / "trajectories.csv", "w", newline="") as out:
        csv.writer(out).writerows([["person_id", "start", "end", "place_id"], *([f"C{n}", "2022-11-04 09:00", "2022-11-04 10:00", f"H{n}"] for n in range(count))])


zones(work / "zones", 400)
