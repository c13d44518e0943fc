//! `persons`: where people live, and when a closed loop ended. The first row of a person is kept.
//!
//! On all threads: a city has a row for everybody.

use crate::base::error::Result;
use crate::ingest::account::{Account, Book, Fault, Reason};
use crate::ingest::cells::{Bare, Clock};
use crate::ingest::contract::Table;
use crate::ingest::folder::{Folder, InputFile};
use crate::ingest::rows::batch::TakeRows;
use crate::ingest::rows::row::{BadRow, Row};
use crate::ingest::settings::{Progress, Settings};
use crate::ingest::tables::records;
use crate::ingest::tables::records::Cutter;
use crate::ingest::tables::stays::Bad;
use crate::ingest::text::blocks::FileReader;
use crate::ingest::text::cell_ends::Find;
use crate::ingest::text::cut;
use crate::ingest::{cells, pass};
use crate::model::persons::{PersonRows, Persons};
use crate::model::{Places, RowRef};
use serde::Deserialize;

#[derive(Deserialize, Default)]
#[serde(default)]
struct PersonRow<'a> {
    person_id: &'a [u8],
    residence: &'a [u8],
    closed_loop_end: &'a [u8],
}

/// What a worker keeps from chunk to chunk.
struct Worker<'z> {
    clock: Clock<'z>,
    gathered: PersonRows,
    /// For the file with this number.
    cutter: Option<(u32, Cutter)>,
}

/// Takes the rows of a chunk.
struct Taker<'t, 'z> {
    file: u32,
    person: usize,
    residence: Option<usize>,
    closed_loop_end: Option<usize>,
    /// The other columns: they only have to be text.
    others: Vec<usize>,
    clock: &'t mut Clock<'z>,
    cutter: &'t mut Cutter,
    gathered: &'t mut PersonRows,
    book: &'t mut Book,
}

impl<'t, 'z> Taker<'t, 'z> {
    fn new(worker: &'t mut Worker<'z>, reader: &FileReader, book: &'t mut Book) -> Self {
        let file = reader.file().number;
        let cell = |name| reader.layout().cells[Table::Persons.column(name)];
        let others = ["county", "groups", "name"].into_iter().filter_map(cell).collect();
        let Worker { clock, gathered, cutter } = worker;
        if cutter.as_ref().is_none_or(|(of, _)| *of != file) {
            *cutter = Some((file, Cutter::new(reader, Table::Persons)));
        }
        Taker {
            file,
            person: cell("person_id").expect("a column that must be there"),
            residence: cell("residence"),
            closed_loop_end: cell("closed_loop_end"),
            others,
            clock,
            cutter: &mut cutter.as_mut().expect("made for this file").1,
            gathered,
            book,
        }
    }

    /// Any row, valid or not.
    #[inline(never)]
    fn other(&mut self, row: Row<'_>) {
        let taken = self.cutter.cut(&row, self.file).and_then(|record| {
            let person: PersonRow<'_> = record.row();
            let id = records::required(person.person_id, "person_id")?;
            let mut notes = record.side_notes();
            let end = person.closed_loop_end;
            let end = records::moment(self.clock, end, "closed_loop_end", Bare::Start);
            let end = notes.or(end, None).map(|end| self.clock.zone().date(end));
            let residence = (!person.residence.is_empty()).then_some(person.residence);
            self.gathered.add(id, residence, end, (record.row, record.raw));
            Ok::<_, Bad<'_>>(notes.first())
        });
        match taken {
            Ok(None) => {}
            Ok(Some((fault, value))) => self.book.blank(self.file, row.line, fault, value),
            Err((fault, value)) => self.book.reject(self.file, row.line, fault, value),
        }
    }
}

impl TakeRows for Taker<'_, '_> {
    #[inline(always)]
    fn row(&mut self, row: &Row<'_>) {
        self.book.tally.rows += 1;
        // The common row: no blanks around, and no word of a closed loop.
        let (id, residence) = (row.at(self.person), row.cell(self.residence));
        let plain = row.is_solid(id)
            && (residence.is_empty() || row.is_solid(residence))
            && row.cell(self.closed_loop_end).is_empty();
        if plain && (row.ascii || self.others.iter().all(|&cell| cells::is_text(row.at(cell)))) {
            let residence = (!residence.is_empty()).then_some(residence);
            let number = RowRef::new(self.file, row.line);
            self.gathered.add(records::text(id), residence, None, (number, row.raw()));
        } else {
            self.other(*row);
        }
    }

    fn bad_row(&mut self, row: BadRow) {
        self.book.bad_row(self.file, &row);
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
    let files: Vec<InputFile> = folder.of(Table::Persons).cloned().collect();
    let nobody = PersonRows::new();
    let start = || {
        let (clock, gathered) = (Clock::new(&settings.zone), nobody.clone());
        Worker { clock, gathered, cutter: None }
    };
    let (workers, account) = pass::read(
        &files,
        settings,
        progress,
        Find::Cells,
        start,
        |worker, reader, chunk, scratch, book| {
            let mut taker = Taker::new(worker, reader, book);
            cut::for_each(chunk, reader.format(), reader.layout(), scratch, &mut taker);
        },
    )?;
    Ok((workers.into_iter().map(|worker| worker.gathered).collect(), account))
}

/// The persons, from what was gathered. Residences that `places` lacks are added to it.
pub fn join(gathered: Vec<PersonRows>, places: &mut Places, account: &mut Account) -> Persons {
    Persons::new(gathered, places, |dropped| {
        let fault = Fault { column: "person_id", reason: Reason::DuplicatePerson };
        account.take_back(dropped.row, dropped.id, dropped.repeats, fault);
    })
}
