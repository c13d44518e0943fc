//! `report.xlsx`: the tables as sheets, for people who live in spreadsheets.
//!
//! Dates are dates, numbers are numbers, everything else is text: an id keeps its zeros and all its
//! digits, and no cell is a formula. Headers are frozen and have filters. A table longer than a
//! sheet goes on in another. Cost: a pass over the tables; rows wait on disk, in files that have no
//! name.

use super::brief::brief;
use super::caught::caught;
use super::finished::{Finished, text};
use super::page::policy_table;
use super::page_notice::unanswered;
use super::people::People;
use super::todo::{self, Exposed, ToDo, ToDoRow, ZoneNames, place_names};
use super::words::{Lang, moment, shown};
use crate::base::time::{DAY, Date};
use crate::output::{CellKind, is_of_people, kind};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet, XlsxError};
use std::io::{Error, Result, Write};
use std::path::Path;

/// Rows that a sheet can have, without its header.
const SHEET_ROWS: u32 = 1_048_575;

/// Characters of a cell.
const MOST_TEXT: usize = 32_767;

/// A workbook that is being filled.
pub struct Book {
    book: Workbook,
    lang: Lang,
    /// Rows of a sheet.
    rows: u32,
    /// Tables that went on in more sheets, and how many they have.
    split: Vec<(String, u32)>,
    header: Format,
    date: Format,
    instant: Format,
}

impl Book {
    /// An empty one about a finished folder, in which rows wait.
    ///
    /// # Errors
    /// When the folder cannot be used.
    pub fn of(finished: &Finished, lang: Lang) -> Result<Book> {
        Book::new(lang, finished.dir(), finished.as_of())
    }

    fn new(lang: Lang, dir: &Path, as_of: &str) -> Result<Book> {
        let mut book = Workbook::new();
        book.set_tempdir(dir).map_err(Error::other)?;
        // Not the time of writing: the same input gives the same file.
        let as_of = ExcelDateTime::parse_from_str(as_of.get(..19).unwrap_or(""));
        if let Ok(as_of) = as_of {
            book.set_properties(&DocProperties::new().set_creation_datetime(&as_of));
        }
        Ok(Book {
            book,
            lang,
            rows: SHEET_ROWS,
            split: Vec::new(),
            header: Format::new().set_bold().set_background_color("E8EDF3"),
            date: Format::new().set_num_format("yyyy-mm-dd"),
            instant: Format::new().set_num_format("yyyy-mm-dd hh:mm:ss"),
        })
    }

    /// Adds a table of an output as one or more sheets, with what people are called before their
    /// ids.
    ///
    /// # Errors
    /// When the table cannot be read or the rows cannot be written.
    pub fn add(
        &mut self,
        english: &str,
        table: &str,
        (finished, people): (&Finished, &People),
    ) -> Result<()> {
        let (mut reader, lang) = (finished.table(table)?, self.lang);
        let names: Vec<String> = reader.headers()?.iter().map(str::to_owned).collect();
        let person = names.iter().position(|name| name == "person_id");
        let first = if person.is_some() { people.first() } else { &[] };
        // Where names stand in the table itself, they are not repeated.
        let own = |name: &&String| !first.contains(&name.as_str());
        let header =
            first.iter().map(|name| (*name).to_owned()).chain(names.iter().filter(own).cloned());
        let said = |name: String| if name == "place_id" { "place".to_owned() } else { name };
        let header: Vec<String> = header.map(said).collect();
        // Who is called first stands first.
        let rank = names.iter().position(|name| name == "rank");
        let mut records: Box<dyn Iterator<Item = csv::Result<csv::StringRecord>>> =
            Box::new(reader.into_records());
        if let Some(at) = rank {
            let mut all = records.collect::<csv::Result<Vec<_>>>()?;
            all.sort_by_key(|row| row[at].parse().unwrap_or(u64::MAX));
            records = Box::new(all.into_iter().map(Ok));
        }
        let rows = records.map(|record| {
            let record = record?;
            let known = person.and_then(|at| people.find(record.get(at).unwrap_or("")));
            let before = first.iter().map(|name| known.map_or("", |of| of.cell(name)).to_owned());
            let cells = names.iter().zip(&record).filter(|(name, _)| own(name));
            let cells = cells.map(|(name, cell)| match name.as_str() {
                name if is_of_people(name) => people.ids(cell),
                // Nobody knows a place by its number.
                "places" | "place_id" => place_names(finished, cell, lang),
                _ => cell.to_owned(),
            });
            Ok(before.chain(cells).collect())
        });
        self.sheets(english, &header, rows)
    }

    /// Adds rows as one or more sheets.
    fn sheets(
        &mut self,
        english: &str,
        names: &[String],
        mut rows_of: impl Iterator<Item = Result<Vec<String>>>,
    ) -> Result<()> {
        let name = self.lang.cell(english);
        let name = if name == english { self.lang.say(english) } else { name }.to_owned();
        let Book { book, lang, rows, split, header, date, instant } = self;
        let mut sheet: Option<&mut Worksheet> = None;
        let kinds: Vec<CellKind> = names.iter().map(|name| kind(name)).collect();
        let (mut row, mut part) = (*rows, 0);
        loop {
            let record = rows_of.next().transpose()?;
            if row >= *rows && (record.is_some() || part == 0) {
                (row, part) = (0, part + 1);
                let title = if part == 1 { name.clone() } else { format!("{name} {part}") };
                let fresh = book.add_worksheet_with_constant_memory().map_err(Error::other)?;
                fresh.set_name(title).map_err(Error::other)?;
                heads(fresh, names, *lang, header).map_err(Error::other)?;
                printed(fresh).map_err(Error::other)?;
                sheet = Some(fresh);
            }
            let (Some(record), Some(sheet)) = (record, sheet.as_deref_mut()) else {
                split.extend((part > 1).then_some((name, part)));
                return Ok(());
            };
            row += 1;
            for (n, (cell, name)) in record.iter().zip(names).enumerate() {
                let cell = shown(name, cell, *lang);
                write(sheet, (row, n as u16), &cell, kinds[n], [date, instant])
                    .map_err(Error::other)?;
            }
        }
    }

    /// Adds a table that is no file.
    ///
    /// # Errors
    /// As [`add`](Book::add).
    pub fn add_rows<R: IntoIterator<Item = impl AsRef<str>>>(
        &mut self,
        name: &str,
        header: &[&str],
        rows: impl IntoIterator<Item = R>,
    ) -> Result<()> {
        let header: Vec<String> = header.iter().map(|name| (*name).to_owned()).collect();
        let cells = |row: R| row.into_iter().map(|cell| cell.as_ref().to_owned()).collect();
        self.sheets(name, &header, rows.into_iter().map(|row| Ok(cells(row))))
    }

    /// Adds the cover: lines of text, the first as a title, the same on each print.
    ///
    /// # Errors
    /// When the sheet cannot be written.
    pub fn cover(&mut self, name: &str, lines: &[String]) -> Result<()> {
        let (title, text) = (self.header.clone().set_font_size(16), Format::new().set_text_wrap());
        let mut write = || -> std::result::Result<(), XlsxError> {
            let sheet = self.book.add_worksheet_with_constant_memory()?;
            sheet.set_name(self.lang.say(name))?.set_column_width(0, 110.0)?;
            printed(sheet)?;
            for (row, line) in (0..).zip(lines) {
                let format = if row == 0 { &title } else { &text };
                sheet.write_string_with_format(row, 0, line, format)?;
            }
            Ok(())
        };
        write().map_err(Error::other)
    }

    /// Adds today's work, a sheet a task.
    ///
    /// # Errors
    /// When a sheet cannot be written.
    pub fn todo<'r>(
        &mut self,
        rows: impl Iterator<Item = &'r ToDoRow>,
        names: (&People, &ZoneNames),
        exposed: &Exposed,
    ) -> Result<()> {
        let rows: Vec<&ToDoRow> = rows.collect();
        for rows in rows.chunk_by(|a, b| a.task == b.task) {
            let (header, cells) = todo::sheet(rows, names, exposed);
            self.add_rows(&rows[0].task, &header, cells)?;
        }
        Ok(())
    }

    /// Writes the file.
    ///
    /// # Errors
    /// When the rows cannot be read back.
    pub fn finish(mut self, out: &mut dyn Write) -> Result<()> {
        out.write_all(&self.book.save_to_buffer().map_err(Error::other)?)
    }
}

/// Writes the workbook.
pub fn workbook(finished: &Finished, lang: Lang, out: &mut dyn Write) -> Result<()> {
    caught(|| write_workbook(finished, lang, out))
}

fn write_workbook(finished: &Finished, lang: Lang, out: &mut dyn Write) -> Result<()> {
    let mut book = Book::of(finished, lang)?;
    let people = finished.people()?;
    book.cover("today", &cover(finished, lang)?)?;
    let todo = ToDo::of(finished)?;
    let rows = todo.tasks.iter().flat_map(|(_, rows)| rows);
    let exposed = Exposed::of(finished, people, lang)?;
    book.todo(rows, (people, &ZoneNames::of(finished, lang)?), &exposed)?;
    // An authority without zones gets no sheets of them.
    let zones = finished.draws_zones();
    for (name, table, shown) in [
        ("contacts", "contacts.csv", true),
        ("zones", "zones.csv", zones),
        ("measures", "measures.csv", true),
        ("presence", "presence.csv", zones),
    ] {
        if shown {
            book.add(name, table, (finished, people))?;
        }
    }
    let tests = finished.list("tests").iter();
    let tests =
        tests.map(|row| [text(&row[0]).to_owned(), text(&row[1]).to_owned(), row[2].to_string()]);
    book.add_rows("test calendar", &["day", "county", "people"], tests)?;
    for name in finished.other_lists() {
        book.add(name, &format!("{name}.csv"), (finished, people))?;
    }
    for (name, table) in [
        ("links", "links.csv"),
        ("venue-exposed", "venue_exposed.csv"),
        ("rejects", "rejects.csv"),
        ("to look at", "checks.csv"),
    ] {
        book.add(name, table, (finished, people))?;
    }
    let policy = &finished.summary["policy"];
    let own = |text: &str| text.to_owned();
    let mut about = vec![
        [own(lang.say("as of")), own(finished.as_of()), String::new()],
        [
            own(lang.say("policy")),
            own(text(&policy["name"])),
            own(lang.of_policy(text(&policy["title"]))),
        ],
    ];
    about.extend(policy_table(policy, lang).into_iter().map(|(name, value)| {
        let source = own(lang.of_policy(text(&policy["sources"][&name])));
        [lang.parameter(&name), value, source]
    }));
    about.extend(unanswered(&finished.summary, lang).into_iter().map(|[what, needs]| {
        [own(lang.say("not answered")), what, lang.fill("it needs {}", &[&needs])]
    }));
    about.extend(book.split.iter().map(|(name, sheets)| {
        let words = lang.say("sheets: it is longer than one can be");
        [name.clone(), format!("{sheets} {words}"), String::new()]
    }));
    book.add_rows("about", &["key", "value", "source"], about)?;
    book.finish(out)
}

/// The lines of a cover: the brief, and what it speaks of.
///
/// # Errors
/// When a table cannot be read.
pub fn cover(finished: &Finished, lang: Lang) -> Result<Vec<String>> {
    let as_of = moment(finished.as_of(), lang);
    let policy = &finished.summary["policy"];
    let mut lines =
        vec![format!("{} · {} {as_of}", lang.say("Contact tracing"), lang.say("as of"))];
    lines.extend(brief(finished, lang)?);
    lines.push(format!(
        "{} {}: {}",
        lang.say("policy"),
        text(&policy["name"]),
        lang.of_policy(text(&policy["title"]))
    ));
    Ok(lines)
}

/// How a sheet is printed: on its side, as wide as the page, its header on each, with numbers.
fn printed(sheet: &mut Worksheet) -> std::result::Result<(), XlsxError> {
    const A4: u8 = 9;
    sheet.set_paper_size(A4).set_landscape().set_print_fit_to_pages(1, 0);
    sheet.set_footer("&L&A&R&P / &N");
    sheet.set_repeat_rows(0, 0)?;
    Ok(())
}

fn heads(
    sheet: &mut Worksheet,
    names: &[String],
    lang: Lang,
    header: &Format,
) -> std::result::Result<(), XlsxError> {
    for (n, name) in names.iter().enumerate() {
        sheet.write_string_with_format(0, n as u16, lang.column(name), header)?;
        let width = match kind(name) {
            CellKind::Number => 10.0,
            CellKind::Date => 12.0,
            CellKind::Instant => 19.0,
            CellKind::Text if name == "phases" => 44.0,
            CellKind::Text if name == "address" => 30.0,
            CellKind::Text => 18.0,
        };
        sheet.set_column_width(n as u16, width)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    sheet.autofilter(0, 0, SHEET_ROWS, names.len().saturating_sub(1) as u16)?;
    Ok(())
}

fn write(
    sheet: &mut Worksheet,
    (row, column): (u32, u16),
    cell: &str,
    kind: CellKind,
    [date, instant]: [&Format; 2],
) -> std::result::Result<(), XlsxError> {
    if cell.is_empty() {
        return Ok(());
    }
    match (kind, cell.parse::<f64>(), serial(cell)) {
        (CellKind::Number, Ok(number), _) => sheet.write_number(row, column, number)?,
        (CellKind::Date, _, Some(serial)) => {
            sheet.write_number_with_format(row, column, serial, date)?
        }
        (CellKind::Instant, _, Some(serial)) => {
            sheet.write_number_with_format(row, column, serial, instant)?
        }
        _ if cell.chars().count() > MOST_TEXT => {
            let cut: String = cell.chars().take(MOST_TEXT - 1).collect();
            sheet.write_string(row, column, cut + "…")?
        }
        _ => sheet.write_string(row, column, cell)?,
    };
    Ok(())
}

/// A day or a local time as a spreadsheet counts it: days since 1899-12-30.
fn serial(cell: &str) -> Option<f64> {
    let number = |range: std::ops::Range<usize>| cell.get(range)?.parse::<i64>().ok();
    let date = Date::parse(cell)?;
    let second = match cell.len() {
        10 => 0,
        _ => number(11..13)? * 3600 + number(14..16)? * 60 + number(17..19)?,
    };
    Some(f64::from(date.0 + 25_569) + second as f64 / DAY as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use calamine::{Data, Reader, Xlsx};

    #[test]
    fn a_long_table_goes_on_in_another_sheet_and_says_so() {
        let dir = tempfile::tempdir().unwrap();
        let mut book = Book::new(Lang::En, dir.path(), "2022-11-09T08:00:00+08:00").unwrap();
        book.rows = 2;
        for (name, rows) in [("long", 5), ("exact", 2), ("empty", 0)] {
            let rows = (0..rows).map(|n| [format!("00{n}")]);
            book.add_rows(name, &["person_id"], rows).unwrap();
        }
        assert_eq!(book.split, [("long".to_owned(), 3)]);
        let mut file = Vec::new();
        book.finish(&mut file).unwrap();
        let mut read: Xlsx<_> = Xlsx::new(std::io::Cursor::new(file)).unwrap();
        assert_eq!(read.sheet_names(), ["long", "long 2", "long 3", "exact", "empty"]);
        let last = read.worksheet_range("long 3").unwrap();
        assert_eq!(last.get_value((1, 0)), Some(&Data::String("004".into())));
        assert_eq!(last.height(), 2);
    }
}
