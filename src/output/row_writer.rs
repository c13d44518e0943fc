//! Rows of a table on their way to bytes: cells without an allocation each, many rows in parallel.

use super::changes::Changed;
use super::description::TableShape;
use super::states::States;
use crate::base::time::{Date, Instant, TimeWriter};
use crate::ingest::{Names, Particulars};
use crate::model::{CaseIdx, PlaceId, RowRef};
use crate::pipeline::{Analysis, KeyPerson};
use crate::rules::contacts::Contacts;
use crate::rules::exposure::Pair;
use crate::rules::measures::DatedPhase;
use crate::search::evidence::{Bases, Basis, PersonId};
use rayon::prelude::*;
use std::io::Write;
use std::sync::atomic::AtomicU64;

/// The columns that go into each table with a row for a person, where that is asked for.
const BESIDE: [&str; 4] = ["name", "phone", "address", "compound"];

/// An analysis with what is read off its graph, once for all tables.
pub struct Findings<'a> {
    /// The analysis.
    pub analysis: &'a Analysis,
    /// Close contacts and venue-exposed people.
    pub contacts: &'a Contacts,
    /// Links between cases.
    pub links: Vec<(CaseIdx, CaseIdx, &'a Pair)>,
    /// The qualifying pairs of close contacts, by case and person id.
    pub pairs: Vec<&'a Pair>,
    /// What people are called, and how they are reached.
    pub particulars: Particulars,
    /// The people of key groups in high-risk zones.
    pub key_people: Vec<KeyPerson>,
    /// What there was at the earlier output, and what changed since, if there is one.
    pub since: Option<(States, Vec<Changed>)>,
    /// Rows of `evidence.csv` made so far: repeated matches are dropped only there.
    pub evidence_rows: AtomicU64,
    /// Whether no id of a case, a person of the evidence or a place, and no name of a file has to
    /// be quoted: looked at once, and not in each row.
    plain: bool,
}

impl<'a> Findings<'a> {
    /// Reads them off the graph: without names, and not compared with anything.
    pub fn new(analysis: &'a Analysis) -> Findings<'a> {
        let (contacts, links) = (&analysis.contacts, analysis.graph.links());
        let pairs = analysis.graph.of_contacts().collect();
        let mut of_cases = analysis.cases.iter().map(|(_, case)| case.id.as_bytes());
        let mut of_files = analysis.folder.files.iter().map(|file| file.name.as_bytes());
        let plain = !has_to_be_quoted(analysis.evidence.ids())
            && !has_to_be_quoted(analysis.places.ids())
            && !of_cases.any(has_to_be_quoted)
            && !of_files.any(has_to_be_quoted);
        let (particulars, key_people, since) = (Particulars::default(), Vec::new(), None);
        let evidence_rows = AtomicU64::new(0);
        Findings {
            analysis,
            contacts,
            links,
            pairs,
            particulars,
            key_people,
            since,
            evidence_rows,
            plain,
        }
    }

    /// The columns of a table that are not its own: those that were kept, and those of a name where
    /// that is asked for.
    pub fn further(&self, table: &TableShape) -> Vec<String> {
        let beside = self.analysis.request.settings.names == Names::Beside;
        match table.name {
            "people" => self.particulars.further().to_vec(),
            _ if table.of_people && beside => BESIDE.map(str::to_owned).to_vec(),
            _ => Vec::new(),
        }
    }

    /// The header of a table.
    fn header(&self, table: &TableShape) -> std::io::Result<Vec<u8>> {
        let mut header = csv::Writer::from_writer(Vec::new());
        header.write_record(table.header().map(str::to_owned).chain(self.further(table)))?;
        header.into_inner().map_err(|e| std::io::Error::other(e.to_string()))
    }
}

/// The row that is being written, behind those before it.
pub struct RowWriter<'a> {
    analysis: &'a Analysis,
    plain: bool,
    names: Option<&'a Particulars>,
    stamps: TimeWriter<'a>,
    text: Vec<u8>,
    cell: Vec<u8>,
    places: Vec<PlaceId>,
}

impl<'a> RowWriter<'a> {
    /// An empty one.
    pub fn new(findings: &'a Findings<'a>) -> RowWriter<'a> {
        let Findings { analysis, plain, .. } = *findings;
        let (text, cell, places) = (Vec::new(), Vec::new(), Vec::new());
        let beside = analysis.request.settings.names == Names::Beside;
        let names = beside.then_some(&findings.particulars);
        let stamps = TimeWriter::new(analysis.zone());
        RowWriter { analysis, plain, names, stamps, text, cell, places }
    }

    /// A cell of text.
    pub fn text(&mut self, text: impl AsRef<[u8]>) -> &mut Self {
        write_cell(text.as_ref(), &mut self.text);
        self
    }

    /// A cell written by `write`; `plain` says that it need not be quoted, whatever it is.
    fn cell(&mut self, plain: bool, write: impl FnOnce(&Analysis, &mut Vec<u8>)) -> &mut Self {
        if plain {
            write(self.analysis, &mut self.text);
            self.text.push(b',');
        } else {
            self.cell.clear();
            write(self.analysis, &mut self.cell);
            write_cell(&self.cell, &mut self.text);
        }
        self
    }

    /// The cells so far, in place of a row.
    pub fn into_cells(self) -> Vec<u8> {
        self.text
    }

    /// Cells from [`into_cells`](RowWriter::into_cells).
    pub fn cells(&mut self, cells: &[u8]) -> &mut Self {
        self.text.extend_from_slice(cells);
        self
    }

    /// A number.
    pub fn number(&mut self, number: impl itoa::Integer) -> &mut Self {
        write_number(number, &mut self.text);
        self.text.push(b',');
        self
    }

    /// A moment; blank when there is none.
    pub fn at(&mut self, at: impl Into<Option<Instant>>) -> &mut Self {
        if let Some(at) = at.into() {
            self.stamps.write(at, &mut self.text);
        }
        self.text.push(b',');
        self
    }

    /// A day.
    pub fn date(&mut self, date: Date) -> &mut Self {
        date.write(&mut self.text);
        self.text.push(b',');
        self
    }

    /// Things joined with `;`.
    pub fn list<T: AsRef<[u8]>>(&mut self, items: impl IntoIterator<Item = T>) -> &mut Self {
        self.cell(false, |_, cell| join(items, cell))
    }

    /// Cases, which are numbered in the order of their ids.
    pub fn cases(&mut self, cases: impl IntoIterator<Item = CaseIdx>) -> &mut Self {
        self.cell(self.plain, |analysis, cell| {
            join(cases.into_iter().map(|case| analysis.cases.get(case).id.as_bytes()), cell);
        })
    }

    /// A case.
    pub fn case(&mut self, case: CaseIdx) -> &mut Self {
        let id = &self.analysis.cases.get(case).id;
        self.id(id.as_bytes())
    }

    /// A person.
    pub fn person(&mut self, person: PersonId) -> &mut Self {
        self.id(self.analysis.evidence.id_bytes(person))
    }

    /// A place; blank when there is none.
    pub fn place(&mut self, place: Option<PlaceId>) -> &mut Self {
        self.id(place.map_or(&b""[..], |place| self.analysis.places.id_bytes(place)))
    }

    fn id(&mut self, id: &[u8]) -> &mut Self {
        self.cell(self.plain, |_, cell| cell.extend_from_slice(id))
    }

    /// The places of pairs, each once, in the order of their ids.
    pub fn places<'p>(&mut self, pairs: impl IntoIterator<Item = &'p Pair>) -> &mut Self {
        let (analysis, mut places) = (self.analysis, std::mem::take(&mut self.places));
        places.clear();
        places.extend(pairs.into_iter().flat_map(|pair| pair.places(&analysis.evidence)));
        // Most people were in one place with a case, again and again.
        places.dedup();
        let id = |place: &PlaceId| analysis.places.id_bytes(*place);
        places.sort_unstable_by_key(id);
        places.dedup();
        self.cell(self.plain, |_, cell| join(places.iter().map(id), cell));
        self.places = places;
        self
    }

    /// Bases.
    pub fn bases(&mut self, bases: Bases) -> &mut Self {
        self.cell(true, |_, cell| join(bases.iter().map(Basis::name), cell))
    }

    /// A word of ours, which is never quoted.
    pub fn word(&mut self, word: &'static str) -> &mut Self {
        self.cell(true, |_, cell| cell.extend_from_slice(word.as_bytes()))
    }

    /// A row of the input, as `FILE:LINE`.
    pub fn row_ref(&mut self, row: RowRef) -> &mut Self {
        self.cell(self.plain, |analysis, cell| write_row_ref(analysis, row, cell))
    }

    /// The phases of a plan.
    pub fn phases(&mut self, stages: &[DatedPhase]) -> &mut Self {
        self.list(stages.iter().map(|stage| format!("{} {}..{}", stage.kind, stage.from, stage.to)))
    }

    /// What a person is called, where that is asked for.
    pub fn named(&mut self, person: &str) -> &mut Self {
        let Some(names) = self.names else { return self };
        let cells = names.find(person);
        for name in BESIDE {
            let at = names.columns().position(|column| column == name);
            self.text(at.and_then(|at| cells.map(|cells| cells[at].as_str())).unwrap_or(""));
        }
        self
    }

    /// The end of the row.
    pub fn end(&mut self) {
        *self.text.last_mut().expect("a row has cells") = b'\n';
    }
}

/// Whether a cell has to stand in quotes.
fn has_to_be_quoted(cell: &[u8]) -> bool {
    let quoted = |byte: u8| (byte == b',') | (byte == b'"') | (byte == b'\n') | (byte == b'\r');
    // Without an end halfway, it is a vector at a time.
    cell.iter().fold(false, |any, &byte| any | quoted(byte))
}

/// Appends a cell and a comma; in quotes when it has to be.
fn write_cell(cell: &[u8], text: &mut Vec<u8>) {
    if has_to_be_quoted(cell) {
        text.push(b'"');
        for &byte in cell {
            text.extend_from_slice(if byte == b'"' {
                b"\"\""
            } else {
                std::slice::from_ref(&byte)
            });
        }
        text.push(b'"');
    } else {
        text.extend_from_slice(cell);
    }
    text.push(b',');
}

/// Writes a row of the input as `FILE:LINE`.
fn write_row_ref(analysis: &Analysis, row: RowRef, cell: &mut Vec<u8>) {
    let file = &analysis.folder.files[row.file() as usize];
    cell.extend_from_slice(file.name.as_bytes());
    cell.push(b':');
    write_number(row.line(), cell);
}

fn write_number(number: impl itoa::Integer, text: &mut Vec<u8>) {
    text.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

fn join<T: AsRef<[u8]>>(items: impl IntoIterator<Item = T>, cell: &mut Vec<u8>) {
    for (n, item) in items.into_iter().enumerate() {
        if n > 0 {
            cell.push(b';');
        }
        cell.extend_from_slice(item.as_ref());
    }
}

/// Items made into rows by one thread at a time.
const BLOCK: usize = 1024;

/// Writes the header of a table and the rows of `items`, in their order. While a batch of blocks is
/// written, the next one is made, its blocks in parallel; no more is in memory.
pub fn write_table<'f, T: Sync>(
    findings: &'f Findings<'f>,
    out: &mut (dyn Write + Send),
    table: &str,
    items: &[T],
    row: impl Fn(&T, &mut RowWriter<'f>) + Sync,
) -> std::io::Result<()> {
    out.write_all(&findings.header(TableShape::of(table))?)?;
    let blocks = (rayon::current_num_threads() * 2).min(items.len().div_ceil(BLOCK)).max(1);
    let empty = || (0..blocks).map(|_| RowWriter::new(findings)).collect::<Vec<_>>();
    let (mut made, mut next) = (empty(), empty());
    let mut written = Ok(());
    for batch in items.chunks(BLOCK * blocks) {
        let make = || {
            next.par_iter_mut().zip(batch.par_chunks(BLOCK)).for_each(|(rows, items)| {
                items.iter().for_each(|item| row(item, rows));
            });
        };
        (written, ()) = rayon::join(|| written.and_then(|()| write_rows(&mut made, out)), make);
        std::mem::swap(&mut made, &mut next);
    }
    written.and_then(|()| write_rows(&mut made, out))
}

/// Writes blocks of rows and empties them.
fn write_rows(blocks: &mut [RowWriter<'_>], out: &mut dyn Write) -> std::io::Result<()> {
    for rows in blocks {
        out.write_all(&rows.text)?;
        rows.text.clear();
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::write_cell;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn cells_are_written_as_the_csv_crate_writes_them(
            cells in proptest::collection::vec("[a,\"\r\n甲;#= ]{0,6}", 2..5)) {
            let mut text = Vec::new();
            cells.iter().for_each(|cell| write_cell(cell.as_bytes(), &mut text));
            *text.last_mut().unwrap() = b'\n';
            let mut theirs = csv::Writer::from_writer(Vec::new());
            theirs.write_record(&cells).unwrap();
            prop_assert_eq!(text, theirs.into_inner().unwrap());
        }
    }
}
