//! What is written beside the tables: the page, the workbook, the map, the graph; and Parquet in.

use super::folder::{STAYS, Scratch, files, part, trace};
use calamine::{Data, Reader, Xlsx, open_workbook};

/// Names that would end a script, run as a formula, or break XML.
const HOSTILE: [&str; 4] =
    ["</script><script>alert(1)</script>", "=1+1", "007\"&<b>", "110101199003070011"];

fn hostile(formats: &str) -> Scratch {
    let scratch = Scratch::small();
    let mut stays = STAYS.to_owned();
    for name in HOSTILE {
        let quoted = name.replace('"', "\"\"");
        stays.push_str(&format!("\"{quoted}\",2022-11-08 10:00:00,2022-11-08 11:00:00,V1\n"));
    }
    scratch.write("trajectories.csv", stays);
    scratch.run(&["--formats", formats, "--lang", "zh"]).succeeds();
    scratch
}

#[test]
fn the_page_is_whole_and_names_are_text() {
    let scratch = hostile("html");
    let page = scratch.read("report.html");
    assert!(page.starts_with("<!doctype html>") && page.contains("<html lang=\"zh\">"));
    assert!(!page.contains("<script>alert"));
    let ends = page.matches("</script>").count();
    let parts = page.matches("<script type=\"application/gzip\"").count();
    assert_eq!(ends, 2 + parts, "the data, the script and each list end once");
    assert!(page.contains("default-src 'none'") && page.contains("script-src 'sha256-"));
    let without_names = page.replace("http://www.w3.org/", "");
    for outside in ["http:", "https:", "//cdn", "@import", "url(", " src=", "<link"] {
        assert!(!without_names.contains(outside), "the page refers to {outside}");
    }
    let (_, data) = page.split_once("id=\"data\">").unwrap();
    let (data, _) = data.split_once("</script>").unwrap();
    let data: serde_json::Value = serde_json::from_str(data).unwrap();
    assert_eq!(data["counts"]["close"], 1 + HOSTILE.len());
    let list =
        |name: &str| -> serde_json::Value { serde_json::from_str(&part(&page, name)).unwrap() };
    assert_eq!(list("contacts")["rows"].as_array().unwrap().len(), 1 + HOSTILE.len());
    let persons = list("persons");
    assert_eq!(persons["columns"][0], "id");
    let named = |name: &str| persons["rows"].as_array().unwrap().iter().any(|row| row[0] == name);
    assert!(HOSTILE.iter().all(|name| named(name)));
}

#[test]
fn the_workbook_has_the_cells_of_the_tables() {
    let scratch = hostile("xlsx");
    let mut book: Xlsx<_> = open_workbook(scratch.output().join("report.xlsx")).unwrap();
    let sheet = book.worksheet_range("密切接触者").unwrap();
    assert_eq!(sheet.get_value((0, 0)), Some(&Data::String("人员编号".into())));
    let mut reader = csv::Reader::from_path(scratch.output().join("contacts.csv")).unwrap();
    let mut rows = 0;
    for (n, record) in (1..).zip(reader.records()) {
        let record = record.unwrap();
        assert_eq!(sheet.get_value((n, 0)), Some(&Data::String(record[0].into())));
        assert_eq!(sheet.get_value((n, 1)), Some(&Data::Float(record[1].parse().unwrap())));
        let Some(Data::DateTime(first)) = sheet.get_value((n, 4)) else { panic!("no date") };
        let (y, m, d, h, min, s, _) = first.to_ymd_hms_milli();
        assert_eq!(format!("{y}-{m:02}-{d:02}T{h:02}:{min:02}:{s:02}+08:00"), record[4]);
        rows = n;
    }
    assert_eq!(rows as usize, 1 + HOSTILE.len());
    let formulas = book.worksheet_formula("密切接触者").unwrap();
    assert!(formulas.used_cells().next().is_none());
    assert!(book.worksheet_range("说明").unwrap().height() > 10);
}

#[test]
fn the_graph_and_the_map_are_well_formed() {
    let scratch = hostile("graphml,geojson");
    let graph = scratch.read("graph.graphml");
    assert_eq!(graph.matches("<node ").count(), 2 + HOSTILE.len());
    assert_eq!(graph.matches("<edge ").count(), 1 + HOSTILE.len());
    assert!(graph.contains("007&quot;&amp;&lt;b&gt;") && graph.contains("attr.type=\"long\""));
    let map: serde_json::Value = serde_json::from_str(&scratch.read("zones.geojson")).unwrap();
    assert_eq!(map["type"], "FeatureCollection");
    assert!(!scratch.output().join("report.html").exists());
}

#[test]
fn formats_are_chosen() {
    let scratch = Scratch::small();
    scratch.run(&[]).succeeds();
    assert!(scratch.output().join("report.html").exists());
    scratch.run(&["--formats", "none"]).succeeds();
    assert!(!scratch.output().join("report.html").exists());
    scratch.run(&["--formats", "none,html"]).fails(2, &["`none` stands alone"]);
}

/// Parquet with wall-clock times, instants, and 96-bit times gives the tables of the CSV.
#[cfg(feature = "parquet")]
#[test]
fn parquet_is_read_as_csv_is() {
    use super::folder::CASES;
    use arrow_array::{ArrayRef, RecordBatch, StringArray, TimestampMicrosecondArray};
    use parquet::arrow::ArrowWriter;
    use std::sync::Arc;
    let expected = Scratch::small();
    expected.run(&[]).succeeds();
    let rows: Vec<Vec<&str>> = STAYS.lines().skip(1).map(|row| row.split(',').collect()).collect();
    let text = |n: usize| -> ArrayRef {
        Arc::new(StringArray::from(rows.iter().map(|row| row[n]).collect::<Vec<_>>()))
    };
    for zone in [None, Some("UTC")] {
        let times = |n: usize| -> ArrayRef {
            let micros = rows.iter().map(|row| {
                let at: jiff::civil::DateTime = row[n].parse().unwrap();
                let offset = if zone.is_some() { 8 } else { 0 };
                let offset = jiff::tz::Offset::constant(offset);
                offset.to_timestamp(at).unwrap().as_microsecond()
            });
            let times = TimestampMicrosecondArray::from(micros.collect::<Vec<_>>());
            Arc::new(times.with_timezone_opt(zone))
        };
        let columns = [
            ("用户", text(0)),
            ("person_id", text(0)),
            ("start", times(1)),
            ("end", times(2)),
            ("场所编号", text(3)),
        ];
        let batch = RecordBatch::try_from_iter(columns).unwrap();
        let scratch = Scratch::empty();
        scratch.write("cases.csv", CASES).write("trajectories.parquet", "");
        let file = std::fs::File::create(scratch.input().join("trajectories.parquet")).unwrap();
        let mut writer = ArrowWriter::try_new(file, batch.schema(), None).unwrap();
        writer.write(&batch).unwrap();
        writer.close().unwrap();
        scratch.run(&[]).succeeds();
        for table in ["contacts.csv", "venue_exposed.csv", "measures.csv", "exposures.csv"] {
            assert_eq!(scratch.read(table), expected.read(table), "{zone:?}");
        }
        assert!(
            scratch.read("evidence.csv").contains("trajectories.parquet:2,trajectories.parquet:3")
        );
        scratch.write("trajectories.parquet", "no parquet");
        scratch.run(&[]).fails(3, &["this is not Parquet"]);
    }
}

/// What a Parquet file says of its places does not hide one with a mark in its id: that one stands
/// behind places that are greater without it.
#[cfg(feature = "parquet")]
#[test]
fn a_mark_in_an_id_does_not_hide_a_place_in_parquet() {
    let stay = |person, place| [person, "2022-11-08 08:00:00", "2022-11-08 12:00:00", place];
    for place in ["C\u{200b}1", "C1\u{feff}", "C１"] {
        let scratch = Scratch::empty();
        scratch.write("cases.csv", super::folder::CASES);
        let of_case = vec![stay("C1", "C1")];
        let of_others = vec![stay("P1", "C2"), stay("P2", place), stay("P3", "D2")];
        for (number, rows) in [of_case, of_others].into_iter().enumerate() {
            let name = format!("trajectories-{number}.parquet");
            write_parquet(&scratch, &name, ["person_id", "start", "end", "place_id"], &rows);
        }
        scratch.run(&[]).succeeds();
        assert!(scratch.read("contacts.csv").contains("\nP2,"), "{place}");
    }
}

/// Writes texts as a Parquet file of the input folder.
#[cfg(feature = "parquet")]
fn write_parquet<const N: usize>(
    scratch: &Scratch,
    name: &str,
    names: [&str; N],
    rows: &[[&str; N]],
) {
    use arrow_array::{ArrayRef, RecordBatch, StringArray};
    let columns = names.into_iter().enumerate().map(|(n, name)| {
        let texts: Vec<&str> = rows.iter().map(|row| row[n]).collect();
        (name, std::sync::Arc::new(StringArray::from(texts)) as ArrayRef)
    });
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    scratch.write(name, "");
    let file = std::fs::File::create(scratch.input().join(name)).unwrap();
    let mut writer = parquet::arrow::ArrowWriter::try_new(file, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
}

/// A column that no table knows can say what the others are, and can be kept.
#[cfg(feature = "parquet")]
#[test]
fn the_header_of_a_parquet_file_means_what_that_of_a_csv_means() {
    let names = ["id", "uuid", "confirmed", "dateOfReporting", "test"];
    let cases = [
        ["7", "C1", "2022-11-09", "2022-11-09", "negative"],
        ["8", "C2", "2022-11-09", "2022-11-09", "positive"],
    ];
    let people = [["P1", "H1", "a dog"], ["P2", "H1", "two cats"]];
    let stays = super::folder::STAYS;
    let (as_csv, as_parquet) = (Scratch::empty(), Scratch::empty());
    let lines = |header: String, rows: Vec<String>| format!("{header}\n{}\n", rows.join("\n"));
    let of_cases = cases.iter().map(|row| row.join(",")).collect();
    let of_people = people.iter().map(|row| row.join(",")).collect();
    as_csv.write("cases.csv", lines(names.join(","), of_cases));
    as_csv.write("persons.csv", lines("person_id,residence,remark".to_owned(), of_people));
    write_parquet(&as_parquet, "cases.parquet", names, &cases);
    write_parquet(&as_parquet, "persons.parquet", ["person_id", "residence", "remark"], &people);
    for scratch in [&as_csv, &as_parquet] {
        scratch.write("trajectories.csv", stays);
        scratch.run(&["--keep", "remark"]).succeeds();
    }
    for table in ["contacts.csv", "people.csv", "measures.csv", "zones.csv"] {
        assert_eq!(as_parquet.read(table), as_csv.read(table), "{table}");
    }
    assert!(as_parquet.read("exposures.csv").contains("\nC1,"));
    assert!(as_parquet.read("people.csv").contains("a dog"));
    let checked = |scratch: &Scratch| {
        let input = scratch.input().display().to_string();
        let said = trace(&["check", "--lang", "en", "--input", &input]).stdout;
        said.lines().filter(|line| line.contains("negative")).count()
    };
    assert!(checked(&as_csv) > 0);
    assert_eq!(checked(&as_parquet), checked(&as_csv));
}

/// All that a report can be, but for lists whose number depends on the input.
const ALL: &str = "html,xlsx,geojson,graphml,dot,ics,svg";

#[test]
fn a_report_needs_the_output_folder_only() {
    let scratch = hostile(ALL);
    let by_run = files(&scratch.output());
    std::fs::remove_dir_all(scratch.input()).unwrap();
    for name in by_run.keys().filter(|name| !name.ends_with(".csv") && !name.ends_with(".json")) {
        std::fs::remove_file(scratch.output().join(name)).unwrap();
    }
    let output = scratch.output();
    let args = ["report", "--output", output.to_str().unwrap(), "--lang", "zh", "--formats", ALL];
    let said = trace(&args);
    said.succeeds();
    assert!(said.stdout.contains("写入 9 个文件"), "{}", said.stdout);
    assert_eq!(files(&scratch.output()), by_run);
}

#[test]
fn a_report_of_what_is_no_output_is_refused() {
    let scratch = Scratch::small();
    let input = scratch.input();
    trace(&["report", "--output", input.to_str().unwrap()]).fails(2, &["is no output of trace"]);
    scratch.run(&["--formats", "none"]).succeeds();
    let output = scratch.output();
    let report = ["report", "--output", output.to_str().unwrap()];
    trace(&[&report[..], &["--formats", "none"]].concat()).fails(2, &["nothing to make"]);
    std::fs::remove_file(output.join("report.json")).unwrap();
    trace(&report).fails(3, &["report.json", "run `trace run` again"]);
    assert!(!output.join("report.html").exists());
}

#[test]
fn communities_get_lists_of_their_own_and_no_stale_ones() {
    let scratch = Scratch::small();
    scratch.write("places.csv", "place_id,compound,county\nH1,East,A/../B\nH2,West,A/../B\n");
    scratch.write("persons.csv", "person_id,residence\nP1,H1\nP2,H2\n");
    let lists = || {
        let names = files(&scratch.output()).into_keys();
        names.filter(|name| name.starts_with("handover-")).collect::<Vec<_>>()
    };
    scratch.run(&["--handover", "compound"]).succeeds();
    assert_eq!(lists(), ["handover-1-A----B-East.xlsx", "handover-2-A----B-West.xlsx"]);
    let output = scratch.output();
    trace(&["report", "--output", output.to_str().unwrap(), "--handover"]).succeeds();
    assert_eq!(lists(), ["handover-1-A----B.xlsx"]);
    let mut book: Xlsx<_> = open_workbook(scratch.output().join("handover-1-A----B.xlsx")).unwrap();
    let people = book.worksheet_range("people").unwrap();
    let ids: Vec<_> = (1..3).map(|row| people.get_value((row, 0)).unwrap().to_string()).collect();
    assert_eq!(ids, ["P1", "P2"]);
    // The folder is still ours: another run may replace it.
    scratch.run(&["--excel"]).succeeds();
    scratch.run(&[]).succeeds();
    assert!(lists().is_empty());
}

#[test]
fn what_changed_is_said() {
    let scratch = Scratch::small();
    scratch.run(&["--policy", "who"]).succeeds();
    let kept = |scratch: &Scratch| -> serde_json::Value {
        serde_json::from_str(&scratch.read("report.json")).unwrap()
    };
    assert_eq!(kept(&scratch)["changes"], serde_json::Value::Null);
    let stays = format!("{STAYS}P9,2022-11-08 10:00:00,2022-11-08 11:00:00,V1\n");
    scratch.write("trajectories.csv", stays.replace("P1,", "P8,"));
    scratch.run(&["--policy", "who"]).succeeds();
    let changes = &kept(&scratch)["changes"];
    assert_eq!((&changes["new_contacts"], &changes["contacts_no_longer"]), (&2.into(), &1.into()));
}

/// Every table is read and written again, cell by cell, to the same bytes.
#[test]
fn tables_survive_a_round_trip() {
    let scratch = hostile("none");
    for (name, text) in files(&scratch.output()).iter().filter(|(name, _)| name.ends_with(".csv")) {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
        let mut writer = csv::Writer::from_writer(Vec::new());
        for record in reader.records() {
            writer.write_record(&record.unwrap()).unwrap();
        }
        assert_eq!(&String::from_utf8(writer.into_inner().unwrap()).unwrap(), text, "{name}");
    }
}

#[test]
fn the_summary_speaks_chinese() {
    let scratch = Scratch::small();
    let said = scratch.run(&["--lang", "zh"]).succeeds().stdout.clone();
    for words in ["截至", "密切接触者", "风险区", "结果在"] {
        assert!(said.contains(words), "{said}");
    }
}

#[test]
fn errors_speak_chinese() {
    let scratch = Scratch::empty();
    scratch.write("cases.csv", "person_id\nC1\n");
    scratch.write("trajectories.csv", STAYS);
    scratch.run(&["--lang", "zh"]).fails(3, &["错误：`cases.csv`：缺少列 `confirmed`", "提示："]);
    let input = scratch.input();
    let report = trace(&["report", "--lang", "zh", "--output", input.to_str().unwrap()]);
    report.fails(2, &["不是 trace 的输出"]);
}

#[test]
fn what_is_put_on_a_notice_board_names_nobody() {
    let scratch = Scratch::small();
    scratch.write("places.csv", "place_id,unit,building,compound,county\nH1,1,2,East,N\nV1,,,,N\n");
    let homes: String = (0..7).map(|n| format!("Q{n},H1\n")).collect();
    scratch.write("persons.csv", format!("person_id,residence\nC1,H1\n{homes}"));
    scratch.run(&["--public", "--formats", "none"]).succeeds();
    let public = scratch.read("zones-public.csv");
    assert!(public.starts_with("zone_id,level,status,county,"), "{public}");
    // One case is somebody; eight residents are not.
    let zone = public.lines().find(|line| line.starts_with("N/East/2/1,unit,high,")).unwrap();
    assert!(zone.ends_with(",<5,8,0"), "{zone}");
    for id in ["C1", "Q1", "P1"] {
        assert!(!public.contains(id), "{public}");
    }
    scratch.run(&["--public", "--formats", "none", "--policy", "who"]).succeeds();
    assert!(!scratch.output().join("zones-public.csv").exists());
}
