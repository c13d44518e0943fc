//! Workbooks as input: what bureaus send.

use super::folder::{CASES, STAYS, Scratch, as_plain, trace};
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, Worksheet};
use std::path::Path;

/// Puts the rows of a CSV text into a sheet from a row on: times as dates, numbers as numbers, and
/// all else as text.
fn fill(sheet: &mut Worksheet, first: u32, text: &str) {
    let date = Format::new().set_num_format("yyyy-mm-dd hh:mm:ss");
    for (row, line) in (first..).zip(text.lines()) {
        for (column, cell) in (0..).zip(line.split(',')) {
            match ExcelDateTime::parse_from_str(cell) {
                Ok(at) if cell.len() > 9 && cell.contains('-') => {
                    sheet.write_datetime_with_format(row, column, at, &date).unwrap();
                }
                _ if cell.is_empty() => {}
                _ => match cell.parse::<f64>() {
                    Ok(number) => drop(sheet.write_number(row, column, number).unwrap()),
                    Err(_) => drop(sheet.write_string(row, column, cell).unwrap()),
                },
            }
        }
    }
}

fn book(sheets: &[(&str, u32, &str)]) -> Vec<u8> {
    let mut book = Workbook::new();
    for (name, first, text) in sheets {
        let sheet = book.add_worksheet();
        sheet.set_name(*name).unwrap();
        fill(sheet, *first, text);
    }
    book.save_to_buffer().unwrap()
}

/// The four files of an investigator, as they are, with no option.
#[test]
fn the_files_of_a_bureau_run_as_they_are() {
    let scratch = Scratch::empty();
    let cases = CASES.replace(
        "person_id,onset,sampled,confirmed,isolated",
        "身份证号,发病日期,采样时间,确诊时间,隔离时间",
    );
    let stays =
        STAYS.replace("person_id,start,end,place_id", "身份证号,进入时间,离开时间,场所编号");
    let places = "场所编号,场所类型,名称,县区\nV1,shop,超市,滨江\n";
    let persons = "身份证号,姓名,现住址\nP1,李雷,H1\n";
    scratch.write("病例.xlsx", book(&[("Sheet1", 0, &cases)]));
    scratch.write("轨迹.csv", encoding_rs::GB18030.encode(&stays.replace('\n', "\r\n")).0);
    let titled = format!("某区场所明细表\n{places}");
    scratch.write("场所.xlsx", book(&[("Sheet1", 0, &titled)]));
    scratch.write(
        "人员.xlsx",
        book(&[("一局", 0, persons), ("二局", 2, &persons.replace("P1", "P2"))]),
    );
    scratch.write("人员_三局.csv", persons.replace("P1", "P3"));
    let said = as_plain(&scratch, &["--lang", "zh"]);
    assert!(said.contains("场所.xlsx#Sheet1: 表头之上的 1 行已略去"), "{said}");
    let evidence = scratch.read("evidence.csv");
    assert!(evidence.contains(",轨迹.csv:2,轨迹.csv:3\n"), "{evidence}");
    let summary: serde_json::Value = serde_json::from_str(&scratch.read("summary.json")).unwrap();
    assert_eq!(summary["input"]["tables"]["persons"]["used"], 3);
}

#[test]
fn sheets_are_tables_by_their_names_or_the_workbooks() {
    for (name, sheets) in [
        ("导出.xlsx", &[("病例", 0, CASES), ("轨迹明细", 3, STAYS), ("说明", 0, "read me\n")][..]),
        ("export.xlsm", &[("trajectories", 0, STAYS), ("Cases 2022-11", 1, CASES)]),
        // A sheet of a workbook that names no column is some other list.
        ("轨迹.xlsx", &[("Sheet1", 0, STAYS), ("备注", 0, "填表人,李雷\n"), ("病例", 0, CASES)]),
    ] {
        let scratch = Scratch::empty();
        scratch.write(name, book(sheets));
        as_plain(&scratch, &[]);
        let evidence = scratch.read("evidence.csv");
        let (sheet, first, _) = sheets.iter().find(|(.., text)| *text == STAYS).unwrap();
        let row = format!("{name}#{sheet}:{}", first + 2);
        assert!(evidence.contains(&row), "{row}: {evidence}");
    }
    // Rows below one another in two sheets are one table.
    let (header, rows) = STAYS.split_once('\n').unwrap();
    let cut = rows.match_indices('\n').nth(1).unwrap().0 + 1;
    let parts = [&rows[..cut], &rows[cut..]].map(|part| format!("{header}\n{part}"));
    let scratch = Scratch::empty();
    scratch.write("cases.csv", CASES);
    scratch.write("轨迹.xlsx", book(&[("8日", 0, &parts[0]), ("9日", 0, &parts[1])]));
    as_plain(&scratch, &[]);
    // A column that was renamed in one of them is an error, and no loss.
    let renamed = parts[1].replace("place_id", "whereabouts");
    scratch.write("轨迹.xlsx", book(&[("8日", 0, &parts[0]), ("9日", 0, &renamed)]));
    scratch.run(&[]).fails(3, &["`轨迹.xlsx#9日`", "no column `place_id`"]);
}

#[test]
fn sheets_that_nobody_sees_are_not_read_and_said() {
    let mut book = Workbook::new();
    fill(book.add_worksheet().set_name("轨迹").unwrap(), 0, STAYS);
    let hidden = book.add_worksheet().set_name("轨迹旧").unwrap().set_hidden(true);
    fill(hidden, 0, &STAYS.replace("P3", "P9"));
    let rows = book.worksheet_from_name("轨迹").unwrap();
    // Hidden rows and columns count.
    rows.set_row_hidden(2).unwrap();
    rows.set_column_hidden(3).unwrap();
    let scratch = Scratch::empty();
    scratch.write("cases.csv", CASES).write("a.xlsx", book.save_to_buffer().unwrap());
    let said = as_plain(&scratch, &["--lang", "en"]);
    assert!(said.contains("a.xlsx#轨迹旧: not read, the sheet is hidden"), "{said}");
}

#[test]
fn a_column_of_days_is_one_of_days_and_a_midnight_among_times_is_a_time() {
    let end_of_isolation = |cases: &str| {
        let scratch = Scratch::empty();
        scratch.write("cases.xlsx", book(&[("Sheet1", 0, cases)]));
        let late = "C1,2022-11-09 10:00:00,2022-11-09 11:00:00,V1\n\
            P1,2022-11-09 10:00:00,2022-11-09 11:00:00,V1\n";
        let header = STAYS.lines().next().unwrap();
        let stays = format!("{header}\n{late}{}", late.replace("11-09", "11-08"));
        scratch.write("trajectories.csv", stays);
        scratch.run(&["--as-of", "2022-11-10"]).succeeds();
        let contacts = scratch.read("contacts.csv");
        contacts.contains("2022-11-09T11:00:00+08:00")
    };
    let day = "person_id,confirmed,isolated\nC1,2022-11-09 00:00:00,2022-11-09 00:00:00\n";
    // The end of that day: days alone have no time.
    assert!(end_of_isolation(day));
    let times = format!("{day}C2,2022-11-09 00:00:00,2022-11-09 12:00:00\n");
    assert!(!end_of_isolation(&times));
}

#[test]
fn cells_that_are_no_values_are_told() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    let persons = "person_id,residence,name\nP1,H1,a\nP2,H1,b\nP3,H1,c\nP4,H1,d\nP5,H5,e\n";
    fill(sheet, 0, persons);
    sheet.write_number(2, 0, 110_101_199_003_077_777.0).unwrap();
    sheet.write_formula(3, 0, rust_xlsxwriter::Formula::new("NA()").set_result("#N/A")).unwrap();
    sheet.write_formula(4, 1, rust_xlsxwriter::Formula::new("1/0").set_result("#DIV/0!")).unwrap();
    sheet.write_string(5, 0, "'005").unwrap();
    let scratch = Scratch::small();
    scratch.write("人员.xlsx", book.save_to_buffer().unwrap());
    scratch.run(&[]).succeeds();
    let rejects = scratch.read("rejects.csv");
    let lines: Vec<&str> = rejects.lines().skip(1).collect();
    assert_eq!(
        lines,
        [
            "人员.xlsx#Sheet1,3,person_id,1.10101E+17,mangled_id,left_out",
            "人员.xlsx#Sheet1,4,person_id,#N/A,bad_value,left_out",
            "人员.xlsx#Sheet1,5,residence,#DIV/0!,bad_value,used",
        ]
    );
}

#[test]
fn a_merged_cell_is_its_value_in_each_row() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    fill(sheet, 0, "residence,person_id\n,C1\n,P7\n,P8\nH2,P9\n");
    sheet.merge_range(1, 0, 3, 0, "H1", &Format::new()).unwrap();
    sheet.merge_range(7, 0, 8, 1, "制表", &Format::new()).unwrap();
    let scratch = Scratch::small();
    scratch.write("人员.xlsx", book.save_to_buffer().unwrap());
    let ran = scratch.run(&["--lang", "en"]);
    ran.succeeds();
    let contacts = scratch.read("contacts.csv");
    for (person, is) in [("P7", true), ("P8", true), ("P9", false)] {
        assert_eq!(contacts.contains(&format!("\n{person},")), is, "{person}: {contacts}");
    }
    assert!(ran.stdout.contains("merged cells count in each row"), "{}", ran.stdout);
}

#[test]
fn what_a_file_is_its_bytes_say_and_not_its_name() {
    let scratch = Scratch::empty();
    scratch.write("cases.xlsx", CASES).write("trajectories.csv", book(&[("x", 0, STAYS)]));
    as_plain(&scratch, &[]);
    let with = |name: &str, bytes: &[u8]| {
        let scratch = Scratch::empty();
        scratch.write("cases.csv", CASES).write(name, bytes);
        scratch
    };
    let mut zip = b"PK\x03\x04\x14\0\0\0\0\0".to_vec();
    zip.extend([0; 64]);
    with("trajectories.xlsx", &zip).run(&[]).fails(3, &["trajectories.xlsx"]);
    let ole = [&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1][..], &[0; 1000]].concat();
    with("trajectories.xls", &ole).run(&[]).fails(3, &["trajectories.xls", "cannot be read"]);
    let page = "<html><body><table><tr><td>person_id</td></tr></table></body></html>\n";
    with("trajectories.xls", page.as_bytes()).run(&[]).fails(3, &["a web page", ".xlsx"]);
    // Beside its own export a workbook is the same table twice.
    let twice = with("trajectories.xlsx", &book(&[("x", 0, STAYS)]));
    twice.write("trajectories.csv", STAYS);
    twice.run(&[]).fails(3, &["the same table twice"]);
    let empty = with("trajectories.xlsx", &book(&[("x", 0, "")]));
    empty.run(&[]).fails(3, &["trajectories.xlsx#x", "no header"]);
}

/// Whatever the number of threads, and as the same rows in a text.
#[test]
fn a_large_sheet_is_read_as_a_text_is() {
    let mut stays = STAYS.to_owned();
    for n in 0..3000 {
        let minute = n % 60;
        stays +=
            &format!("Q{n},2022-11-08 09:{minute:02}:00,2022-11-08 10:{minute:02}:30,V{}\n", n % 3);
    }
    let text = Scratch::empty();
    text.write("cases.csv", CASES).write("trajectories.csv", &stays);
    text.run(&[]).succeeds();
    for threads in ["1", "4"] {
        let scratch = Scratch::empty();
        scratch.write("cases.csv", CASES);
        scratch.write("trajectories.xlsx", book(&[("Sheet1", 0, &stays)]));
        scratch.run(&["--threads", threads]).succeeds();
        let evidence =
            scratch.read("evidence.csv").replace("trajectories.xlsx#Sheet1:", "trajectories.csv:");
        assert_eq!(evidence, text.read("evidence.csv"));
        assert_eq!(scratch.read("contacts.csv"), text.read("contacts.csv"));
    }
}

/// What the program writes it reads: a page of its own workbook is no table of an export, but the
/// check says so in order.
#[test]
fn check_shows_a_workbook() {
    let scratch = Scratch::empty();
    scratch.write("cases.xlsx", book(&[("Sheet1", 1, CASES)])).write("trajectories.csv", STAYS);
    let input = scratch.input();
    let ran = trace(&["check", "--input", Path::to_str(&input).unwrap(), "--lang", "en"]);
    ran.succeeds();
    for says in ["cases.xlsx#Sheet1 (cases,", "confirmed        <- confirmed"] {
        assert!(ran.stdout.contains(says), "{}", ran.stdout);
    }
}
