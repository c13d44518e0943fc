//! `persons`: where people live, and when a closed loop ended. The first row of a person is kept.
//!
//! On all threads: a city has a row for everybody.

use crate::base::error::Result;
use crate::base::time::TimeZone;
use crate::ingest::account::Account;
use crate::ingest::books::{Book, is_total};
use crate::ingest::cells::{Bare, TimeReader};
use crate::ingest::contract::{PARTICULARS, Table};
use crate::ingest::folder::Folder;
use crate::ingest::header::layout::Layout;
use crate::ingest::identities::Identities;
use crate::ingest::pass;
use crate::ingest::pseudonyms::NO_PSEUDONYM;
use crate::ingest::rejects::{Fault, Reason};
use crate::ingest::rows::batch::{Batch, ColumnCells, ROWS};
use crate::ingest::rows::row::Row;
use crate::ingest::rows::source::TakeRows;
use crate::ingest::settings::{Progress, Settings};
use crate::ingest::tables::records;
use crate::ingest::tables::records::{Left, RecordReader};
use crate::model::persons::{PersonRows, Persons};
use crate::model::{Places, RowRef};

/// Takes the rows of a worker.
struct Taker<'s> {
    person: usize,
    /// What the file calls it.
    name: String,
    residence: Option<usize>,
    closed_loop_end: Option<usize>,
    home_unfit: Option<usize>,
    /// The other columns: they only have to be text.
    others: Vec<usize>,
    clock: TimeReader<'s>,
    identities: &'s Identities,
    /// Where days are those of the analysis.
    zone: &'s TimeZone,
    records: Option<RecordReader>,
    gathered: PersonRows,
    book: Book,
}

impl<'s> Taker<'s> {
    fn new(settings: &'s Settings, gathered: PersonRows) -> Taker<'s> {
        let (zone, book) = (&settings.zone, Book::default());
        let clock = TimeReader::new(settings.zone_of(Table::Persons));
        let (residence, closed_loop_end, home_unfit) = (None, None, None);
        let (others, records) = (Vec::new(), None);
        let name = String::new();
        Taker {
            person: 0,
            name,
            residence,
            closed_loop_end,
            home_unfit,
            others,
            clock,
            identities: &settings.identities,
            zone,
            records,
            gathered,
            book,
        }
    }
}

impl TakeRows for Taker<'_> {
    fn begin(&mut self, file: u32, layout: &Layout) {
        let cell = |name| layout.cells[Table::Persons.column(name)];
        self.book.begin(file, layout);
        self.person = cell("person_id").expect("a column that must be there");
        self.name.clone_from(&layout.header[self.person]);
        (self.residence, self.closed_loop_end) = (cell("residence"), cell("closed_loop_end"));
        self.home_unfit = cell("home_unfit");
        self.others = PARTICULARS.into_iter().chain(["county"]).filter_map(cell).collect();
        self.records = Some(RecordReader::new(Table::Persons, layout));
    }

    fn book(&mut self) -> &mut Book {
        &mut self.book
    }

    fn row(&mut self, row: &Row<'_>) {
        self.book.tally.rows += 1;
        if self.book.no_row(row) {
            return;
        }
        let (records, file) = (self.records.as_mut().expect("a file was begun"), self.book.file);
        let record = records.read(row, file, &mut self.clock).map_err(Left::Rejected);
        let read = record.and_then(|mut record| {
            let id = record.must("person_id")?;
            let end = record.time("closed_loop_end", Bare::Start);
            let end = record.or(end, None).map(|end| self.zone.date(end));
            let unfit = record.truth("home_unfit", false);
            let unfit = record.or(unfit, false);
            let residence = Some(record.cell("residence")).filter(|place| !place.is_empty());
            let mut room = NO_PSEUDONYM;
            let id = self.identities.always(id.as_bytes()).ok_or(Left::Nobody)?;
            let id = self.identities.called(id, &mut room);
            self.gathered.add(records::text(id), residence, end, (record.row, record.raw));
            if unfit {
                self.gathered.last_home_is_unfit();
            }
            Ok(((), record.bad()))
        });
        records::settle(&mut self.book, row.line, read);
    }

    /// No blanks around, and no word of a closed loop or of a home that is unfit.
    fn ordinary(&mut self, batch: &Batch<'_>) -> [bool; ROWS] {
        let mut is = [false; ROWS];
        if !self.identities.is_empty() {
            return is;
        }
        is[..batch.len()].fill(true);
        let solid_or_blank = |cell: &[u8]| cell.is_empty() || batch.is_solid(cell);
        batch.only_solid(self.person, &mut is);
        let is_id = |cell: &[u8]| !is_total(cell) && cell != self.name.as_bytes();
        batch.only([self.person], &mut is, is_id);
        batch.only(self.residence, &mut is, solid_or_blank);
        batch.only_blank(self.closed_loop_end, &mut is);
        batch.only_blank(self.home_unfit, &mut is);
        batch.only(self.others.iter().copied(), &mut is, |cell| batch.is_text(cell));
        self.book.ordinary(&is);
        let residences = self.residence.map(|residence| batch.cells(residence));
        for (row, id) in batch.column(self.person).enumerate().filter(|(row, _)| is[*row]) {
            let residence = residences.map_or(&b""[..], |cells| cells.get(row));
            let residence = (!residence.is_empty()).then_some(residence);
            let number = RowRef::new(self.book.file, batch.line(row));
            batch.with_row(row, |row| {
                self.gathered.add(records::text(id), residence, None, (number, row.raw()));
            });
        }
        is
    }
}

/// Reads the table: what each worker gathers.
///
/// # Errors
/// When a file cannot be read.
pub fn read(
    folder: &Folder,
    settings: &Settings,
    progress: &dyn Progress,
) -> Result<(Vec<PersonRows>, Account)> {
    let nobody = PersonRows::new();
    let start = || Taker::new(settings, nobody.clone());
    let (takers, account) = pass::read(folder, Table::Persons, (settings, progress), None, start)?;
    Ok((takers.into_iter().map(|taker| taker.gathered).collect(), account))
}

/// The persons, from what was gathered. Residences that `places` lacks are added to it.
pub fn join(gathered: Vec<PersonRows>, places: &mut Places, account: &mut Account) -> Persons {
    Persons::new(gathered, places, |dropped| {
        let fault = Fault { column: "person_id", reason: Reason::DuplicatePerson };
        account.take_back(dropped.row, dropped.id, dropped.repeats, fault);
    })
}
