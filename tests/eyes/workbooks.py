"""Workbooks that other programs write, read as input: the same tables as from plain CSV."""
import csv, datetime, io, os, pathlib, subprocess, tempfile, unittest

import openpyxl, pandas, xlwt
from msoffcrypto.format.ooxml import OOXMLFile

CASES = [["person_id", "onset", "confirmed", "isolated"], ["C1", datetime.date(2022, 11, 8), datetime.datetime(2022, 11, 9, 9), datetime.datetime(2022, 11, 9, 12)]]
AT = lambda hour, minute: datetime.datetime(2022, 11, 8, hour, minute)
STAYS = [
    ["person_id", "start", "end", "place_id"],
    ["C1", AT(10, 0), AT(11, 0), "东湖苑"], ["0013", AT(10, 30), AT(12, 0), "东湖苑"], ["张三", AT(10, 20), AT(12, 0), "东湖苑"], ["P3", AT(11, 0), AT(12, 0), "东湖苑"]]
TABLES = ["contacts.csv", "exposures.csv", "venue_exposed.csv", "measures.csv"]


def as_csv(path, rows):
    with open(path, "w", newline="", encoding="utf-8") as out:
        csv.writer(out).writerows(rows)


def with_openpyxl(path, sheets, epoch=None):
    book = openpyxl.Workbook()
    if epoch:
        book.epoch = epoch
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)


def with_xlwt(path, sheets):
    book = xlwt.Workbook(encoding="gbk")
    date = xlwt.easyxf(num_format_str="yyyy-mm-dd hh:mm:ss")
    for name, rows in sheets.items():
        sheet = book.add_sheet(name)
        for y, row in enumerate(rows):
            for x, value in enumerate(row):
                sheet.write(y, x, value, *([date] if isinstance(value, (datetime.date, datetime.datetime)) else []))
    book.save(path)


def with_pandas(engine):
    def write(path, sheets):
        with pandas.ExcelWriter(path, engine=engine) as out:
            for name, rows in sheets.items():
                pandas.DataFrame(rows[1:], columns=rows[0]).to_excel(out, sheet_name=name, index=False)
    return write


class Workbooks(unittest.TestCase):
    def setUp(self):
        self.work = tempfile.TemporaryDirectory()
        self.addCleanup(self.work.cleanup)
        plain = self.folder("plain")
        as_csv(plain / "cases.csv", CASES)
        as_csv(plain / "trajectories.csv", STAYS)
        self.expected = self.tables(plain)
        self.assertIn("0013", self.expected["contacts.csv"])

    def folder(self, name):
        path = pathlib.Path(self.work.name) / name
        path.mkdir()
        return path

    def run_on(self, folder):
        return subprocess.run([os.environ["TRACE"], "run", "--input", folder, "--output", f"{folder}-out", "--formats", "none"], capture_output=True, text=True)

    def tables(self, folder):
        ran = self.run_on(folder)
        self.assertEqual(ran.returncode, 0, ran.stderr)
        return {name: (pathlib.Path(f"{folder}-out") / name).read_text() for name in TABLES}

    def test_every_writer(self):
        writers = {"a.xlsx": with_openpyxl, "b.xls": with_xlwt, "c.ods": with_pandas("odf"), "d.xlsx": with_pandas("xlsxwriter"), "e.xlsm": with_pandas("openpyxl")}
        for name, write in writers.items():
            with self.subTest(name):
                folder = self.folder(name.replace(".", "-"))
                write(folder / name, {"病例": CASES, "轨迹": STAYS})
                self.assertEqual(self.tables(folder), self.expected)

    def test_dates_of_the_other_system(self):
        folder = self.folder("mac")
        with_openpyxl(folder / "a.xlsx", {"病例": CASES, "轨迹": STAYS}, openpyxl.utils.datetime.MAC_EPOCH)
        self.assertEqual(self.tables(folder), self.expected)

    def test_formulas_that_were_not_calculated(self):
        folder = self.folder("formulas")
        rows = [*STAYS, ["P9", '=DATE(2022,11,8)', AT(12, 0), "东湖苑"]]
        with_openpyxl(folder / "a.xlsx", {"病例": CASES, "轨迹": rows})
        self.assertEqual(self.tables(folder), self.expected)
        rejects = (pathlib.Path(f"{folder}-out") / "rejects.csv").read_text()
        self.assertIn("a.xlsx#轨迹,6,start,formula,bad_value,left_out", rejects)

    def test_locked_with_a_password(self):
        folder = self.folder("locked")
        as_csv(folder / "cases.csv", CASES)
        open_book = io.BytesIO()
        with_openpyxl(open_book, {"轨迹": STAYS})
        with open(folder / "轨迹.xlsx", "wb") as out:
            OOXMLFile(open_book).encrypt("secret", out)
        ran = self.run_on(folder)
        self.assertEqual(ran.returncode, 3)
        self.assertIn("locked with a password", ran.stderr)


if __name__ == "__main__":
    unittest.main()
