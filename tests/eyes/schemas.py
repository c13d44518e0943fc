"""What the questions answer in JSON is held to its JSON Schema by a validator that is not ours."""
import csv, json, os, pathlib, subprocess, tempfile, unittest

import jsonschema

ROOT = pathlib.Path(__file__).resolve().parents[2]
TRACE = os.environ.get("TRACE") or str(ROOT / "target/debug/trace")
CITY = str(ROOT / "data/samples/city")


def ask(*words, code=0):
    ran = subprocess.run([TRACE, *words], capture_output=True, text=True)
    assert ran.returncode == code, ran.stderr
    return ran.stdout


def first(path, column):
    with open(path, newline="") as table:
        return next(csv.DictReader(table))[column]


class Schemas(unittest.TestCase):
    def holds(self, topic, *words, code=0):
        answer = ask(*words, "--input", CITY, "--json", "--quiet", code=code)
        return self.is_of(topic, json.loads(answer))

    def is_of(self, topic, answer):
        schema = json.loads(ask("help", f"schema-{topic}"))
        validator = jsonschema.Draft202012Validator(schema)
        validator.check_schema(schema)
        validator.validate(answer)
        # A schema that lets everything pass is none.
        for key in list(answer)[:3]:
            broken = {name: value for name, value in answer.items() if name != key}
            self.assertFalse(validator.is_valid(broken), key)
        return answer

    def test_every_answer(self):
        with tempfile.TemporaryDirectory() as scratch:
            out = pathlib.Path(scratch) / "out"
            ask("run", "--input", CITY, "--output", str(out), "--formats", "none", "--quiet")
            contact = first(out / "contacts.csv", "person_id")
            below = first(out / "venue_exposed.csv", "person_id")
            left = first(out / "presence.csv", "person_id")
            zone = first(out / "zone_options.csv", "zone_id")
            case = first(out / "exposures.csv", "case_id")
            for person in (contact, below, left, case):
                self.holds("explain-person", "explain", "--person", person)
                self.holds("why-not", "why-not", "--person", person)
            # Nobody has no explanation, and a reason why not.
            self.holds("why-not", "why-not", "--person", "nobody")
            ask("explain", "--input", CITY, "--person", "nobody", "--json", "--quiet", code=2)
            self.holds("explain-zone", "explain", "--zone", zone)
            self.holds("explain-case", "explain", "--case", case)
            self.holds("sensitivity", "sensitivity")
            self.assertEqual(self.holds("audit", "audit")["findings"], [])
            orders = pathlib.Path(scratch) / "orders.csv"
            orders.write_text(f"zone_id,status\n{zone},high\nplace:GONE,high\n")
            found = self.holds("audit", "audit", "--zones", str(orders), code=5)
            self.assertIn("zone_unknown", [of["wrong"] for of in found["findings"]])
            later = pathlib.Path(scratch) / "later"
            ask("run", "--input", CITY, "--output", str(later), "--formats", "none", "--quiet",
                "--as-of", "2022-11-12")
            changed = self.is_of("diff", json.loads(ask("diff", str(out), str(later), "--json")))
            self.assertTrue(changed["changes"])
