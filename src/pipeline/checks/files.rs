//! What to look at in the files: what the books say of them, and what lies beside them.

use super::{Check, Weight};
use crate::ingest::{Account, Folder, Note, Reason, Reject, Table, is_called_as_a_table};

const REJECTED: &str = "rows were left out: a run lists each in rejects.csv";
const USED_WITHOUT: &str = "rows count without a bad cell: a run lists each in rejects.csv";
const MANGLED: &str = "ids that a spreadsheet has cut were left out: export the file again with the \
     column as text";
const FUTURE: &str = "rows lie in the future and were left out: check the year";
const EXCHANGED: &str = "latitudes beyond 90 degrees: longitude and latitude are exchanged";
const STALE: &str = "by its name this is an old copy, and its rows count: take it out if it is one";
const UNFINISHED: &str = "a program has not finished writing this table: rows may be missing";
const IGNORED: &str = "this was not read, for its name is no table's";
const HIDDEN: &str = "this sheet is hidden and was not read";
const NO_END: &str = "no stay has an end: each counts for as long as the policy says";
const NEGATIVE: &str = "tests in the list of cases are negative: only confirmed cases belong there";
const DATES: &str =
    "rows say on which days and not when: what they match is weak, and isolates nobody";
const NO_DAY: &str = "times have no day: join the columns of the date and of the time";
const SERIAL: &str = "numbers are read as days of a spreadsheet";
const NO_CASES: &str =
    "the list itself says of these rows that they are no cases: they are left out";
const NOBODY: &str = "rows of this table stand for nobody: a number is that of several people, or two \
     numbers are one person's; look into the table `identities`";
const PACKED: &str = "this is called as a table and was not read, for its ending is none that is read: \
     unpack it, or export it as CSV or as a workbook";
const OTHER_LIST: &str = "by its name this is no list of cases, and its rows count as cases: take it out \
     if they are none";
const WORDS: &str = "rows of this classification count as cases: take them out if they are none";
const ROOM: &str = "places of this kind are rooms to the rules, where everybody meets everybody: write \
     `transport` where seats and rows count";
const NO_MEDICAL: &str = "places of this kind can become risk zones: write `medical` for places of \
     treatment, which cannot";
const UNCHECKED: &str = "pages of this Parquet file have no checksums: damage to its values would not \
     be seen";

/// Marks of an old copy in a name.
const OLD: [&str; 8] = ["old", "bak", "backup", "copy", "旧", "备份", "副本", "作废"];

/// Words in the name of a list that is not one of cases.
const OTHERS: [&str; 14] = [
    "疑似",
    "排除",
    "密接",
    "次密",
    "接触",
    "阴性",
    "解除",
    "出院",
    "suspect",
    "suspected",
    "discarded",
    "excluded",
    "contacts",
    "negative",
];

/// What the books and the names of files show.
pub fn checks(folder: &Folder, account: &Account) -> Vec<Check> {
    let mut checks: Vec<Check> =
        account.rejects.kinds().into_iter().map(|group| of_rejects(folder, group)).collect();
    checks.extend(exchanged(folder, account));
    for of_file in &account.files {
        let file = &folder.files[of_file.file as usize];
        for note in &of_file.layout.notes {
            checks.extend(of_note(note).map(|check| check.at(&file.name, 0)));
        }
        let notes = of_file.layout.notes.iter().filter_map(|note| match note {
            Note::NoEnd | Note::NoEndBut { .. } => Some(("no_end", Weight::Care, NO_END)),
            Note::DatesOnly { .. } => Some(("dates_only", Weight::Know, DATES)),
            Note::TimesWithoutDay { .. } => Some(("times_without_day", Weight::Care, NO_DAY)),
            Note::SerialDays { .. } => Some(("serial_days", Weight::Know, SERIAL)),
            _ => None,
        });
        let table = file.table.name();
        checks.extend(notes.map(|(check, weight, what)| {
            Check::new(check, table, weight, what).at(&file.name, 0).count(of_file.tally.rows)
        }));
        if of_file.tally.nobody > 0 {
            // Of a case that is nobody no contact is found.
            let is_cases = file.table == Table::Cases;
            let weight = if is_cases { Weight::Care } else { Weight::Know };
            let check = Check::new("rows_of_nobody", table, weight, NOBODY);
            checks.push(check.at(&file.name, 0).count(of_file.tally.nobody));
        }
        let name = file.name.to_lowercase();
        // Contacts who turned positive are cases.
        let is_others = !name.contains("转阳") && OTHERS.iter().any(|word| has_word(&name, word));
        if file.table == Table::Cases && is_others {
            let check = Check::new("list_of_others", table, Weight::Care, OTHER_LIST);
            checks.push(check.at(&file.name, 0).count(of_file.tally.used()));
        }
        if of_file.tally.no_case > 0 {
            let check = Check::new("no_cases", table, Weight::Know, NO_CASES);
            checks.push(check.at(&file.name, 0).count(of_file.tally.no_case));
        }
        if of_file.unchecked {
            let check = Check::new("no_checksums", table, Weight::Know, UNCHECKED);
            checks.push(check.at(&file.name, 0));
        }
        let alone = folder.of(file.table).nth(1).is_none();
        if !alone && OLD.iter().any(|mark| has_word(&name, mark)) {
            let check = Check::new("old_copy", table, Weight::Care, STALE);
            checks.push(check.at(&file.name, 0).count(of_file.tally.rows));
        }
    }
    let ignored = folder.ignored.iter().map(|name| match name.contains("_temporary") {
        true => Check::new("unfinished", "", Weight::Care, UNFINISHED).at(name, 0),
        false if is_called_as_a_table(name) => {
            Check::new("table_not_read", "", Weight::Care, PACKED).at(name, 0)
        }
        false => Check::new("not_read", "", Weight::Know, IGNORED).at(name, 0),
    });
    checks.extend(ignored);
    let hidden = folder.hidden.iter();
    checks.extend(
        hidden.map(|name| Check::new("hidden_sheet", "", Weight::Know, HIDDEN).at(name, 0)),
    );
    checks
}

/// What a note is worth a look for, where that is about more than the file.
fn of_note(note: &Note) -> Option<Check> {
    Some(match note {
        Note::NegativeResults { name, count } => {
            Check::new("negative_results", "cases", Weight::Care, NEGATIVE)
                .value(name)
                .count(*count)
        }
        Note::CountsAsCase { word, rows } => {
            Check::new("classified_otherwise", "cases", Weight::Care, WORDS)
                .value(word)
                .count(*rows)
        }
        Note::KindLike { kind, like, places } => {
            let what = if *like == "transport" { ROOM } else { NO_MEDICAL };
            Check::new("kind_alike", "places", Weight::Care, what).value(kind).count(*places)
        }
        _ => return None,
    })
}

/// Whether a mark stands in a name as a word of its own.
fn has_word(name: &str, mark: &str) -> bool {
    if !mark.is_ascii() {
        return name.contains(mark);
    }
    name.split(|c: char| !c.is_alphanumeric()).any(|word| word == mark)
}

fn of_rejects(folder: &Folder, (first, count): (&Reject, u64)) -> Check {
    let file = &folder.files[first.file as usize];
    let (check, weight, what) = match (first.reason, first.fate.name()) {
        (_, "used") => ("used_without_cell", Weight::Know, USED_WITHOUT),
        (Reason::MangledId, _) => ("ids_mangled", Weight::Care, MANGLED),
        (Reason::InFuture, _) => ("in_future", Weight::Care, FUTURE),
        (reason, _) if reason.is_duplicate() => ("rejected", Weight::Know, REJECTED),
        _ => ("rejected", Weight::Care, REJECTED),
    };
    let value = format!("{}: {}", first.reason.code(), first.value);
    Check::new(check, file.table.name(), weight, what)
        .value(value)
        .at(&file.name, first.line)
        .count(count)
}

/// Latitudes that can only be longitudes.
fn exchanged(folder: &Folder, account: &Account) -> Option<Check> {
    let is = |reject: &&Reject| {
        let beyond = reject.value.parse().is_ok_and(|lat: f64| (90.0..=180.0).contains(&lat.abs()));
        reject.column == "lat" && reject.reason == Reason::OutOfRange && beyond
    };
    let mut all = account.rejects.iter().filter(is);
    let first = all.next()?;
    let file = &folder.files[first.file as usize];
    let check = Check::new("lon_lat_exchanged", file.table.name(), Weight::Care, EXCHANGED);
    let count = 1 + all.count() as u64;
    Some(check.value(&*first.value).at(&file.name, first.line).count(count))
}
