"""The files of a report, read by other programs than the one that wrote them."""
import csv, datetime, os, pathlib, unittest
import geopandas, icalendar, networkx, openpyxl, pydot
import pyarrow.parquet

WORK = pathlib.Path(os.environ["EYES"])
NAMES = ["sample", "hostile", "many"]
TABLES = ["contacts", "exposures", "evidence", "links", "venue_exposed", "zones", "measures", "presence", "checks", "rejects", "people", "today"]


def table(name, which):
    with open(WORK / f"{name}-out" / f"{which}.csv", newline="", encoding="utf-8") as rows:
        return list(csv.DictReader(rows))


def people(name):
    return {row["person_id"]: row for row in table(name, "people")}


# Columns that a workbook has in words.
WORDS = {"phases", "tests", "measure", "state", "code", "status", "level", "bases", "basis", "check", "what", "row", "reason", "places", "place"}


def instant(text):
    return datetime.datetime.fromisoformat(text)


class Readers(unittest.TestCase):
    def test_workbook_cell_by_cell(self):
        sheets = {"contacts": "contacts", "zones": "zones", "measures": "measures", "links": "links", "venue-exposed": "venue_exposed", "presence": "presence", "to look at": "checks", "rejects": "rejects"}
        for name in NAMES:
            book = openpyxl.load_workbook(WORK / f"{name}-out/report.xlsx", read_only=True)
            self.assertIn("test calendar", book.sheetnames)
            for sheet, which in sheets.items():
                rows = book[sheet].iter_rows(values_only=True)
                header = next(rows)
                expected, known = table(name, which), people(name)
                if which == "contacts":
                    # In the order to call.
                    expected.sort(key=lambda row: int(row["rank"]))
                # What a person is called stands before their id.
                first = header.index("person_id") if "person_id" in header and which != "checks" else 0
                self.assertEqual(first > 0, name == "sample" and "person_id" in header)
                count = 0
                for row, cells in zip(rows, expected):
                    count += 1
                    for column, value in zip(header[:first], row):
                        self.assertEqual(value or "", known[cells["person_id"]][column])
                    for column, value, cell in zip(header[first:], row[first:], cells.values()):
                        where = (name, sheet, count, column)
                        if column in WORDS:
                            self.assertNotIn("central 2", str(value), where)
                            self.assertEqual(value is None, cell == "", where)
                            continue
                        if cell == "":
                            self.assertIsNone(value, where)
                        elif isinstance(value, datetime.datetime):
                            self.assertEqual(value, instant(cell).replace(tzinfo=None), where)
                        elif isinstance(value, (int, float)):
                            self.assertEqual(value, float(cell), where)
                        else:
                            self.assertEqual(value, cell, where)
                self.assertEqual(count, len(expected), (name, sheet))
            book.close()

    def test_lists_are_ready_to_print(self):
        book = openpyxl.load_workbook(WORK / "later-out/report.xlsx")
        self.assertEqual(book.sheetnames[:2], ["today", "to call"])
        self.assertTrue(book["today"]["A2"].value.startswith("Since 6 Nov at 24:00: "))
        for sheet in book:
            self.assertEqual(sheet.page_setup.orientation, "landscape", sheet.title)
            # One page wide (the default of a sheet that fits), as many long as it takes.
            self.assertTrue(sheet.sheet_properties.pageSetUpPr.fitToPage)
            self.assertEqual(sheet.page_setup.fitToHeight, 0)
            self.assertEqual(sheet.print_title_rows, "$1:$1")
            self.assertIn("&P", sheet.oddFooter.right.text.replace("&[Page]", "&P"))
        today = [row for row in table("later", "today") if row["task"] == "call"]
        rows = book["to call"].iter_rows(values_only=True)
        header = next(rows)
        named = [(row[header.index("name")], row[header.index("phone")]) for row in rows]
        known = people("later")
        self.assertEqual(named, [(known[row["person_id"]]["name"], known[row["person_id"]]["phone"]) for row in today])

    def test_no_formula(self):
        book = openpyxl.load_workbook(WORK / "hostile-out/report.xlsx")
        kinds = {cell.data_type for sheet in book for row in sheet for cell in row}
        self.assertNotIn("f", kinds)
        ids = [row[0].value for row in book["contacts"].iter_rows(min_row=2)]
        for name in ("=1+1", "007", "110101199003070011"):
            self.assertIn(name, ids)

    def test_parquet_has_the_rows_of_the_tables(self):
        for name in NAMES:
            for which in TABLES:
                rows = pyarrow.parquet.read_table(WORK / f"{name}-out/{which}.parquet")
                expected = table(name, which)
                self.assertEqual(rows.num_rows, len(expected), (name, which))
                for column, of_table in zip(rows.column_names, rows.columns):
                    for value, row in zip(of_table.to_pylist(), expected):
                        cell = row[column]
                        if value is None:
                            self.assertEqual(cell, "")
                        elif isinstance(value, datetime.datetime):
                            self.assertEqual(value, instant(cell), (name, which, column))
                        else:
                            self.assertEqual(str(value), cell, (name, which, column))
        schema = pyarrow.parquet.read_schema(WORK / "sample-out/measures.parquet")
        self.assertEqual(str(schema.field("day0").type), "date32[day]")
        self.assertEqual(str(pyarrow.parquet.read_schema(WORK / "sample-out/contacts.parquet").field("last_exposure").type), "timestamp[ms, tz=Asia/Shanghai]")

    def test_graph(self):
        for name in NAMES:
            graph = networkx.read_graphml(WORK / f"{name}-out/graph.graphml", force_multigraph=True)
            exposures, links = table(name, "exposures"), table(name, "links")
            self.assertEqual(graph.number_of_edges(), len(exposures) + len(links))
            pairs = {(a, b): of["seconds"] for a, b, of in graph.edges(data=True)}
            for row in exposures:
                self.assertEqual(pairs[row["case_id"], row["person_id"]], int(row["seconds"]))
        for name in NAMES[:2]:
            dot = pydot.graph_from_dot_file(WORK / f"{name}-out/graph.dot")[0]
            self.assertEqual(len(dot.get_edges()), len(table(name, "exposures")) + len(table(name, "links")))

    def test_map(self):
        for name in NAMES:
            zones = geopandas.read_file(WORK / f"{name}-out/zones.geojson")
            expected = [row for row in table(name, "zones") if row["level"] != "county"]
            self.assertEqual(sorted(zones.zone_id), [row["zone_id"] for row in expected])
            self.assertEqual(zones.crs.to_epsg(), 4326)
        self.assertFalse(geopandas.read_file(WORK / "hostile-out/zones.geojson").geometry.isna().all())

    def test_calendar(self):
        for name in NAMES:
            calendar = icalendar.Calendar.from_ical((WORK / f"{name}-out/tests.ics").read_bytes())
            days = [event["DTSTART"].dt for event in calendar.walk("VEVENT")]
            self.assertTrue(days and days == sorted(days))

    def test_spreadsheet_csv(self):
        for name in NAMES:
            for which in TABLES:
                raw = (WORK / f"{name}-out/{which}.excel.csv").read_bytes()
                self.assertTrue(raw.startswith(b"\xef\xbb\xbf"))
                rows = list(csv.DictReader(raw.decode("utf-8-sig").splitlines()))
                self.assertEqual(len(rows), len(table(name, which)))
                for row in rows:
                    self.assertFalse(any(cell.startswith(("=", "+", "@", "＝")) for cell in row.values()), row)

    def test_a_community_gets_its_own_people_only(self):
        for name in NAMES:
            seen, known = [], people(name)
            for path in sorted((WORK / f"{name}-out").glob("handover-*.xlsx")):
                book = openpyxl.load_workbook(path, read_only=True)
                rows = book["people"].iter_rows(values_only=True)
                header = next(rows)
                ids = [row[header.index("person_id")] for row in rows]
                seen += ids
                self.assertLessEqual(len({known[id]["county"] for id in ids if id in known}), 1, path)
                self.assertNotIn("case_ids", header)
                book.close()
            self.assertEqual(sorted(seen), sorted(row["person_id"] for row in table(name, "measures")))


if __name__ == "__main__":
    unittest.main()
