//! Which cell of a row is which column: settled once per file.
//!
//! Of several cells for one column the one with the user's own name counts, else the one with the
//! name of the contract, else the only one with values. Where that does not settle it the file is
//! refused: a guess would be a verdict.

use crate::base::error::{Error, Result};
use crate::base::problem::Problem;
use crate::ingest::cells::ids;
use crate::ingest::cells::time_style::{DayMonth, Order, TimeStyle};
use crate::ingest::contract::{Column, SYSTEM_IDS, Table};
use crate::ingest::header::aliases::{Aliases, By, is_any, is_length, is_same_name, plain};
use crate::ingest::header::guess::guess;
use crate::ingest::header::notes::Note;
use crate::ingest::header::sample::Sample;
use crate::ingest::header::unit;
use crate::ingest::settings::Settings;

/// Which cell of a row is which column.
#[derive(Debug, Clone)]
pub struct Layout {
    /// How many cells a row has.
    pub width: usize,
    /// For each column of the table, in its order: the cell, if the file has it.
    pub cells: Vec<Option<usize>>,
    /// (name in the file, name in the contract).
    pub matched: Vec<(String, &'static str)>,
    /// Names in the file that mean nothing here.
    pub unknown: Vec<String>,
    /// The cells that never hold a line break: all known columns but free text.
    pub one_line: Vec<(usize, &'static str)>,
    /// The first cell behind all that must be filled: a row may end there.
    pub optional_from: usize,
    /// The header, as it stands.
    pub header: Vec<String>,
    /// Whether a row of captions stands below the header.
    pub captions: bool,
    /// Seconds for one unit in the column of lengths: 60 where it is in minutes, else 1.
    pub unit_seconds: i64,
    /// For each column of the table: how its times are written.
    pub times: Vec<TimeStyle>,
    /// The columns, by their number in the contract, whose rows must tell which comes first of days
    /// and months.
    pub unsettled: Vec<usize>,
    /// What a person should know about the header.
    pub notes: Vec<Note>,
}

/// Columns that may hold any text.
const FREE_TEXT: [&str; 10] =
    ["kind", "name", "unit", "building", "compound", "county", "groups", "phone", "address", "age"];

/// Words of a test that found nothing.
const NEGATIVE: &[&str] = &["negative", "neg", "阴性", "阴"];

/// The widest header that is read as one.
const MAX_COLUMNS: usize = 10_000;

/// A header that is being matched.
struct Header<'h> {
    table: Table,
    cells: &'h [String],
    aliases: &'h Aliases,
    file: &'h str,
    sample: &'h Sample<'h>,
    notes: Vec<Note>,
}

impl Layout {
    /// Matches a header.
    ///
    /// # Errors
    /// An input error when a required column is missing, it is not clear which of two cells a
    /// column is, or there are more columns than any export has; `file` is named in the message.
    pub fn new(
        table: Table,
        header: &[String],
        settings: &Settings,
        file: &str,
        sample: &Sample<'_>,
    ) -> Result<Layout> {
        let aliases = &settings.aliases;
        if header.len() > MAX_COLUMNS {
            let (file, columns) = (file.to_owned(), header.len());
            return Err(Problem::WideHeader { file, columns, most: MAX_COLUMNS }.into());
        }
        let mut of = Header { table, cells: header, aliases, file, sample, notes: Vec::new() };
        of.check_lengths()?;
        let mut cells = Vec::new();
        for (number, column) in table.columns().iter().enumerate() {
            let cell = of.cell(number, column)?;
            cells.push(cell.map_or_else(|| of.spare(column), |cell| Ok(Some(cell)))?);
        }
        of.check_units(&cells)?;
        let named = |cell: &usize| header.get(*cell);
        let seconds = table.columns().iter().position(|column| column.name == "seconds");
        let seconds = seconds.and_then(|at| cells[at]).as_ref().and_then(named);
        let minutes = |cell: &String| aliases.find(table, cell).is_some_and(|m| m.minutes);
        let unit_seconds = if seconds.is_some_and(minutes) { 60 } else { 1 };
        let known = || cells.iter().zip(table.columns()).filter_map(|(c, col)| Some(((*c)?, col)));
        let one_line = known().filter(|(_, column)| !FREE_TEXT.contains(&column.name));
        let one_line = one_line.map(|(cell, column)| (cell, column.name)).collect();
        let matched = known().map(|(cell, column)| (header[cell].clone(), column.name)).collect();
        let is_unknown = |cell: &usize| !cells.contains(&Some(*cell)) && !header[*cell].is_empty();
        let unknown: Vec<usize> = (0..header.len()).filter(is_unknown).collect();
        let names: Vec<String> = unknown.iter().map(|&cell| header[cell].clone()).collect();
        if !settings.exploring {
            of.check(&cells, &names)?;
        }
        if !settings.accept_mangled_ids {
            of.check_ids(&cells)?;
        }
        of.notes.extend(of.no_end(&cells, &unknown));
        of.notes.extend(of.negative(&unknown));
        let (times, unsettled) = of.times(&cells, settings.order_of(table))?;
        let notes = std::mem::take(&mut of.notes);
        let required = known().filter(|(_, column)| column.required).map(|(cell, _)| cell + 1);
        let optional_from = required.max().unwrap_or(0);
        let captions = table == Table::Cases && of.sample.captions().is_some();
        let (width, header) = (header.len(), header.to_vec());
        let unknown = names;
        Ok(Layout {
            width,
            cells,
            matched,
            unknown,
            one_line,
            optional_from,
            header,
            captions,
            unit_seconds,
            times,
            unsettled,
            notes,
        })
    }

    /// How the times of some columns are written.
    pub fn styles<const N: usize>(&self, table: Table, columns: [&str; N]) -> [TimeStyle; N] {
        columns.map(|name| self.times[table.column(name)])
    }

    /// The cells that are looked at, in their order: those the table knows, and those that `keep`
    /// names.
    pub fn cells_read(&self, keep: &[String]) -> Vec<usize> {
        let is_kept = |name: &String| keep.iter().any(|of| is_same_name(of, name));
        let is_read =
            |&cell: &usize| self.cells.contains(&Some(cell)) || is_kept(&self.header[cell]);
        (0..self.width).filter(is_read).collect()
    }

    /// Settles the order of days and months in the columns that did not tell, by what their rows
    /// say.
    ///
    /// # Errors
    /// An input error when they leave it open, or contradict each other.
    pub fn settle(&mut self, orders: &[Order], example: &str, file: &str) -> Result<()> {
        for (&column, order) in self.unsettled.iter().zip(orders) {
            let Some(order) = order.settled() else {
                let name = self.cells[column].map_or("", |cell| &self.header[cell]).to_owned();
                let file = file.to_owned();
                let example = example.to_owned();
                return Err(Problem::DayOrMonth { file, name, example }.into());
            };
            self.times[column].order = Some(order);
        }
        self.unsettled.clear();
        Ok(())
    }
}

impl Header<'_> {
    /// The cell of a column, by its own names.
    fn cell(&mut self, number: usize, column: &Column) -> Result<Option<usize>> {
        let means = |cell: &String| self.aliases.find(self.table, cell);
        let mut named: Vec<(By, usize)> = Vec::new();
        for (at, cell) in self.cells.iter().enumerate() {
            named.extend(means(cell).filter(|m| m.column == number).map(|m| (m.by, at)));
        }
        named.sort_unstable();
        let Some(&(best, first)) = named.first() else { return Ok(None) };
        let mut best: Vec<usize> =
            named.iter().filter(|(by, _)| *by == best).map(|(_, at)| *at).collect();
        if best.len() > 1 && !self.sample.is_unknown() {
            best.retain(|&at| self.sample.has_values(at));
        }
        let used = match best[..] {
            [used] => used,
            [] => first,
            // Two phones are two ways to reach somebody, and no verdict rests on them.
            [used, ..] if self.table.is_of_people() && column.is_told_twice() => used,
            [one, other, ..] => {
                let (first, second) = (self.cells[one].clone(), self.cells[other].clone());
                let (file, column) = (self.file.to_owned(), column.name);
                return Err(Problem::ColumnTwice { file, first, second, column }.into());
            }
        };
        for (_, other) in named.iter().filter(|(_, at)| *at != used) {
            let (used, other) = (self.cells[used].clone(), self.cells[*other].clone());
            self.notes.push(Note::TwoColumns { used, other, column: column.name });
        }
        Ok(Some(used))
    }

    /// The cell of a column whose own names are not there.
    fn spare(&mut self, column: &Column) -> Result<Option<usize>> {
        let first = |names: &[&str]| self.cells.iter().position(|cell| is_any(&plain(cell), names));
        // What another system calls its own cases by is an id where the list is an export of that
        // system, and a number of the row anywhere else.
        let theirs = first(SYSTEM_IDS).filter(|_| self.table == Table::Cases);
        let theirs = theirs.filter(|_| column.name == "person_id");
        let is_theirs = self.sample.captions().is_some() || first(&["dateOfReporting"]).is_some();
        let found = match is_theirs {
            true => theirs.or_else(|| first(column.spare)),
            false => first(column.spare).or(theirs),
        };
        let Some(at) = found else { return Ok(None) };
        let cell = &self.cells[at];
        if column.name == "person_id" && self.sample.is_running_number(at) {
            let (file, name) = (self.file.to_owned(), cell.clone());
            return Err(Problem::RunningNumber { file, name, table: self.table.name() }.into());
        }
        if column.name == "place_id" {
            self.notes.push(Note::NamesAsIds { name: cell.clone(), column: column.name });
        }
        Ok(Some(at))
    }

    /// A length must say in what it is.
    fn check_lengths(&self) -> Result<()> {
        let unclear = |cell: &&String| {
            is_length(self.table, cell) && self.aliases.find(self.table, cell).is_none()
        };
        match self.cells.iter().find(unclear) {
            Some(cell) => {
                let (file, name) = (self.file.to_owned(), cell.clone());
                Err(Problem::LengthOfWhat { file, name, table: self.table.name() }.into())
            }
            None => Ok(()),
        }
    }

    /// A unit behind a name must be that of the column, unless the name is one's own.
    fn check_units(&self, cells: &[Option<usize>]) -> Result<()> {
        for (cell, column) in cells.iter().zip(self.table.columns()) {
            let Some(name) = cell.map(|at| &self.cells[at]) else { continue };
            let own = self.aliases.find(self.table, name).is_some_and(|m| m.by == By::Own);
            let unit = unit::split(name).1.filter(|_| !own);
            if let Some((unit, wanted)) = unit.and_then(|u| Some((u, unit::wanted(column, u)?))) {
                let (file, name, unit) = (self.file.to_owned(), name.clone(), unit.to_owned());
                let table = self.table.name();
                return Err(Problem::OtherUnit { file, name, unit, wanted, table }.into());
            }
        }
        Ok(())
    }

    /// Numbers that a spreadsheet has cut are no ids: their last digits are zeros, and people are
    /// no longer told apart. A checksum does not tell: one in eleven is right by chance.
    fn check_ids(&self, cells: &[Option<usize>]) -> Result<()> {
        for (cell, column) in cells.iter().zip(self.table.columns()) {
            let is_id = matches!(column.name, "person_id" | "person_a" | "person_b");
            let Some(cell) = cell.filter(|_| is_id) else { continue };
            let long = || self.sample.values(cell).filter(|id| ids::is_long_number(id));
            let (all, cut) = (long().count(), long().filter(|id| id.ends_with("000")).count());
            // One id in a thousand ends so by chance.
            if cut > 1 && cut * 10 > all {
                let (file, name) = (self.file.to_owned(), self.cells[cell].clone());
                return Err(Problem::MangledIds { file, name, cut, all }.into());
            }
        }
        Ok(())
    }

    /// What must be there is there.
    fn check(&self, cells: &[Option<usize>], unknown: &[String]) -> Result<()> {
        let has = |name: &str| cells[self.table.column(name)].is_some();
        match self.table.lacks(has) {
            Some((what, column)) => Err(self.missing(what, column, unknown)),
            None => Ok(()),
        }
    }

    fn missing(&self, what: &'static str, column: &Column, unknown: &[String]) -> Error {
        let shown: Vec<String> =
            self.cells.iter().take(40).map(|cell| format!("`{cell}`")).collect();
        let guess = guess(self.table, column, unknown);
        let (file, header) = (self.file.to_owned(), shown.join(", "));
        Problem::NoColumn { file, column: what, header, guess }.into()
    }

    /// A column of results in the list of cases in which some are negative.
    fn negative(&self, unknown: &[usize]) -> Option<Note> {
        if self.table != Table::Cases {
            return None;
        }
        unknown.iter().find_map(|&cell| {
            let values = self.sample.values(cell);
            let count = values.filter(|value| is_any(&plain(value), NEGATIVE)).count() as u64;
            let name = self.cells[cell].clone();
            (count > 0).then_some(Note::NegativeResults { name, count })
        })
    }

    /// How times are written, as far as the first rows tell; and the columns whose other rows must
    /// tell which comes first of days and months.
    fn times(
        &mut self,
        cells: &[Option<usize>],
        dates: Option<DayMonth>,
    ) -> Result<(Vec<TimeStyle>, Vec<usize>)> {
        let (mut styles, mut unsettled) = (vec![TimeStyle::default(); cells.len()], Vec::new());
        for (number, (cell, column)) in cells.iter().zip(self.table.columns()).enumerate() {
            let Some(cell) = cell.filter(|_| column.is_time()) else { continue };
            styles[number].serial = self.sample.serial_days(cell);
            if styles[number].serial.is_some() {
                self.notes.push(Note::SerialDays { name: self.cells[cell].clone() });
            }
            // Only a list of cases has days alone.
            styles[number].utc_days = self.table == Table::Cases && self.sample.is_utc_days(cell);
            if styles[number].utc_days {
                self.notes.push(Note::UtcDays { name: self.cells[cell].clone() });
            }
            self.check_order(cell, dates)?;
            styles[number].order = dates.or_else(|| self.sample.order_in_caption(cell));
            if styles[number].order.is_none() && self.sample.has_day_and_month(cell) {
                unsettled.push(number);
            }
        }
        Ok((styles, unsettled))
    }

    /// Dates that leave no doubt are not read in another order: most would be other days.
    fn check_order(&self, cell: usize, dates: Option<DayMonth>) -> Result<()> {
        let Some(order) = dates else { return Ok(()) };
        let Some(example) = self.sample.against(cell, order) else { return Ok(()) };
        // The date alone: with its hour it would look like somebody's number.
        let example = format!("`{}`", example.split_whitespace().next().unwrap_or(""));
        let (file, name) = (self.file.to_owned(), self.cells[cell].clone());
        Err(Problem::OtherOrder { file, name, example }.into())
    }

    /// A note where no stay has an end: what follows, and which column may be the end.
    fn no_end(&self, cells: &[Option<usize>], unknown: &[usize]) -> Option<Note> {
        let has = |name| cells[self.table.column(name)].is_some();
        if self.table != Table::Trajectories || has("end") || has("seconds") {
            return None;
        }
        let start = cells[self.table.column("start")]?;
        let name = self.cells[start].clone();
        if self.sample.has_values(start) && self.sample.values(start).all(is_time_of_day) {
            return Some(Note::TimesWithoutDay { name });
        }
        let has_time = |cell: usize| self.sample.values(cell).any(|v| v.contains([':', '时']));
        let dotted = |value: &str| value.contains(['-', '/', '.', '年']);
        if !has_time(start) && self.sample.values(start).any(dotted) {
            return Some(Note::DatesOnly { name });
        }
        let is_end = |cell: usize| self.sample.is_times(cell) && has_time(cell);
        match unknown.iter().find(|&&cell| is_end(cell)) {
            Some(&cell) => {
                let (name, table) = (self.cells[cell].clone(), self.table.name());
                Some(Note::NoEndBut { name, table })
            }
            None => has("place_id").then_some(Note::NoEnd),
        }
    }
}

/// `08:30`, without a day.
fn is_time_of_day(value: &str) -> bool {
    value.len() <= 8 && value.contains(':') && value.chars().all(|c| c.is_ascii_digit() || c == ':')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::time::TimeZone;

    fn with_rows(table: Table, header: &[&str], rows: &[&[&str]]) -> Result<Layout> {
        let owned = |cells: &[&str]| cells.iter().map(|&cell| cell.to_owned()).collect();
        let header: Vec<String> = owned(header);
        let sample = Sample::new(|| rows.iter().map(|row| owned(row)).collect());
        let settings = Settings::new(TimeZone::get("UTC").unwrap());
        Layout::new(table, &header, &settings, "x.csv", &sample)
    }

    fn layout(table: Table, header: &[&str]) -> Result<Layout> {
        with_rows(table, header, &[])
    }

    #[test]
    fn headers_match_in_both_languages_and_any_spelling() {
        let found = layout(Table::Cases, &["确诊时间", "Person ID", "note", "ONSET-DATE"]).unwrap();
        assert_eq!(found.cells[..6], [Some(1), Some(3), None, Some(0), None, None]);
        assert_eq!(found.unknown, ["note"]);
    }

    #[test]
    fn a_missing_column_names_what_is_there_and_the_nearest() {
        let error = layout(Table::Cases, &["person_id", "confirmd"]).unwrap_err().to_string();
        assert!(error.contains("no column `confirmed`") && error.contains("is it `confirmd`?"));
        let error = layout(Table::Trajectories, &["id", "time", "lon"]).unwrap_err().to_string();
        assert!(error.contains("place_id"), "{error}");
    }

    #[test]
    fn of_two_columns_the_one_with_its_name_or_with_values_counts() {
        let header = ["uid", "person", "confirmed", "确诊时间"];
        let filled = [&["", "P1", "2022-11-09", ""][..], &["", "P2", "", ""]];
        let found = with_rows(Table::Cases, &header, &filled).unwrap();
        assert_eq!((found.cells[0], found.cells[3]), (Some(1), Some(2)));
        assert_eq!(found.notes.len(), 2);
        let both = [&["P1", "P1", "2022-11-09", ""][..]];
        let error = with_rows(Table::Cases, &header, &both).unwrap_err().to_string();
        assert!(error.contains("both mean `person_id`"), "{error}");
    }

    #[test]
    fn a_spare_name_counts_when_nothing_better_is_there() {
        let rows = [&["1", "P1", "2022-11-09"][..], &["2", "P2", "2022-11-09"]];
        let cell = |header: &[&str]| with_rows(Table::Cases, header, &rows).unwrap().cells[0];
        assert_eq!(cell(&["编号", "身份证号", "confirmed"]), Some(1));
        assert_eq!(cell(&["no", "id", "confirmed"]), Some(1));
        let error = with_rows(Table::Cases, &["id", "no", "confirmed"], &rows).unwrap_err();
        assert!(error.to_string().contains("counts the rows"), "{error}");
        let header = ["person_id", "time", "场所名称"];
        let named = layout(Table::Trajectories, &header).unwrap();
        assert_eq!(named.cells[4], Some(2));
        let names = named.notes.iter().any(|note| matches!(note, Note::NamesAsIds { .. }));
        assert!(names);
        // In `places` a name may be both.
        let places = layout(Table::Places, &["场所名称", "kind"]).unwrap();
        assert_eq!((places.cells[0], places.cells[2]), (Some(0), Some(0)));
    }

    #[test]
    fn a_length_and_a_unit_must_be_clear() {
        let header = |last| ["person_a", "person_b", "start", "seconds", last];
        let found = layout(Table::Colocations, &header("距离（米）")).unwrap();
        assert_eq!(found.cells[6], Some(4));
        let error = layout(Table::Colocations, &header("distance (cm)")).unwrap_err();
        assert!(error.to_string().contains("in `cm`"), "{error}");
        let error = layout(Table::Colocations, &["a", "b", "time", "duration"]).unwrap_err();
        assert!(error.to_string().contains("`duration` does not say"), "{error}");
        let minutes = layout(Table::Colocations, &["a", "b", "time", "时长（分钟）"]).unwrap();
        assert_eq!(minutes.unit_seconds, 60);
    }

    #[test]
    fn a_file_without_ends_says_so_and_names_what_may_be_one() {
        let header = ["person_id", "time", "place_id", "gone"];
        let rows = [&["P1", "2022-11-09 08:00", "V1", "2022-11-09 09:00"][..]];
        let note = with_rows(Table::Trajectories, &header, &rows).unwrap().notes.remove(0);
        assert!(note.to_string().contains("is `gone` the end?"), "{note}");
        let rows = [&["P1", "2022-11-09 08:00", "V1", "yes"][..]];
        let note = with_rows(Table::Trajectories, &header, &rows).unwrap().notes.remove(0);
        assert_eq!(note, Note::NoEnd);
    }
}
