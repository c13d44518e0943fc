"""The data package of an output, read by frictionless: every table is as its description says."""
import json, os, pathlib, shutil, tempfile, unittest

import frictionless
import pyarrow.parquet

EYES = pathlib.Path(os.environ["EYES"])
OUTPUTS = sorted(EYES.glob("*-out"))
TYPES = {"string": "string", "integer": "int64", "date": "date32[day]"}


def wrong(folder):
    report = frictionless.Package(str(folder / "datapackage.json")).validate()
    tables = [task.place for task in report.tasks]
    return tables, report.flatten(["place", "rowNumber", "fieldName", "type", "note"])


class Packages(unittest.TestCase):
    def test_every_table_is_as_described(self):
        self.assertGreater(len(OUTPUTS), 4)
        for folder in OUTPUTS:
            tables, errors = wrong(folder)
            self.assertEqual(errors, [], folder.name)
            written = {path.name for path in folder.glob("*.csv") if ".excel." not in path.name}
            self.assertEqual(written - {"zones-public.csv"}, set(tables))

    def test_what_is_not_as_described_is_found(self):
        cases = {
            "measures.csv": ("close_contact", "close contact"),
            "exposures.csv": (",2022-", ",at noon 2022-"),
            "contacts.csv": ("\n", "\nNOBODY,1,,,,,,,,\n"),
        }
        for name, (old, new) in cases.items():
            with tempfile.TemporaryDirectory() as scratch:
                copy = pathlib.Path(scratch) / "out"
                shutil.copytree(EYES / "sample-out", copy)
                table = copy / name
                text = table.read_text().replace(old, new, 1)
                table.write_text(text)
                # The sizes and hashes aside, which find any change.
                package = json.loads((copy / "datapackage.json").read_text())
                for resource in package["resources"]:
                    del resource["bytes"], resource["hash"]
                (copy / "datapackage.json").write_text(json.dumps(package))
                self.assertNotEqual(wrong(copy)[1], [], name)

    def test_parquet_has_the_types_of_the_package(self):
        folder = EYES / "sample-out"
        package = json.loads((folder / "datapackage.json").read_text())
        zone = json.loads((folder / "summary.json").read_text())["timezone"]
        seen = 0
        for resource in package["resources"]:
            schema = pyarrow.parquet.read_schema(folder / resource["path"].replace(".csv", ".parquet"))
            for field, column in zip(resource["schema"]["fields"], schema, strict=True):
                self.assertEqual(field["name"], column.name)
                of = TYPES.get(field["type"], f"timestamp[ms, tz={zone}]")
                self.assertEqual(of, str(column.type), field)
                seen += 1
        self.assertGreater(seen, 100)
