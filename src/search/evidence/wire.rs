//! Evidence as Arrow batches: from a worker that scanned elsewhere, and back.
//!
//! One flat table, whose columns are plain texts and 64-bit numbers: engines move such a table
//! without a word. Cases, persons and places go by their ids, rows by file and line, times in
//! seconds since 1970, coordinates as the bits of their degrees; areas and the places of visits go
//! by the numbers of the index, which is the same at both ends. O(n); the batches hold ids and
//! whereabouts of people.

use super::{EXTRA, Found, LocalPerson, Match, NO_PLACE, POSITION, Part, Seen, Where};
use crate::base::error::{Error, Result};
use crate::base::geo::Coord;
use crate::base::problem::Problem;
use crate::base::time::{Instant, Span};
use crate::model::{At, CaseIdx, Colocation, Ends, PlaceId, RowRef, Stay};
use crate::search::evidence::Basis;
use crate::search::index::CaseIndex;
use arrow_array::builder::{Int64Builder, StringBuilder};
use arrow_array::cast::AsArray;
use arrow_array::types::Int64Type;
use arrow_array::{Array, ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow_cast::cast;
use arrow_schema::{DataType, Field, Schema};
use hashbrown::HashMap;
use std::sync::Arc;

/// The columns of texts.
const TEXTS: [&str; 6] = ["kind", "case_id", "person_id", "place_id", "word", "text"];

/// The columns of numbers.
const NUMBERS: [&str; 10] =
    ["start", "end", "lon", "lat", "number", "more", "case_file", "case_line", "file", "line"];

/// Rows of a batch at most: no column of texts comes near the 2 GiB that one may have.
const ROWS: usize = 1 << 16;

/// A row of evidence. Fields that a kind does not use are `None`.
///
/// | kind | `word` | `number` | `more` |
/// |---|---|---|---|
/// | `match` | the basis | | |
/// | `visit` of a watched area | | the area | the place |
/// | `open` stay | | the seat row | 1 if protected |
/// | `sighting` of somebody by a case | | | |
/// | `next` row of what is open | | seconds later | 1 if near |
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct EvidenceRow<'a> {
    /// What it is.
    pub kind: &'a str,
    /// The case.
    pub case_id: Option<&'a str>,
    /// The other.
    pub person_id: Option<&'a str>,
    /// Where.
    pub place_id: Option<&'a str>,
    /// See the table.
    pub word: Option<&'a str>,
    /// Of rows that `pipeline::distributed` adds: JSON, or the hash of the index.
    pub text: Option<&'a str>,
    /// When it begins, in seconds since 1970.
    pub start: Option<i64>,
    /// When it ends.
    pub end: Option<i64>,
    /// A coordinate: the longitude's bits, and the latitude's.
    pub at: Option<[i64; 2]>,
    /// See the table.
    pub number: Option<i64>,
    /// See the table.
    pub more: Option<i64>,
    /// The case's row: file and line.
    pub case_row: Option<RowRef>,
    /// The other's row; of a row of an account the file, and the line if it has one.
    pub row: Option<RowRef>,
}

/// Degrees as bits: of all that are one number the same.
fn bits(at: Coord) -> [i64; 2] {
    [at.lon, at.lat].map(|degrees| (degrees + 0.0).to_bits() as i64)
}

/// A coordinate of bits.
pub fn of_bits([lon, lat]: [i64; 2]) -> Coord {
    let degrees = |bits: i64| f64::from_bits(bits as u64);
    Coord { lon: degrees(lon), lat: degrees(lat) }
}

/// Where a row is.
pub fn place_or_position<'a>(at: At<'a>) -> (Option<&'a str>, Option<[i64; 2]>) {
    match at {
        At::Place(id) => (std::str::from_utf8(id).ok().filter(|id| !id.is_empty()), None),
        At::Coord(at) => (None, Some(bits(at))),
    }
}

/// The schema of all batches of evidence.
///
/// ```
/// let schema = trace::search::evidence::wire::schema();
/// assert_eq!(schema.field(0).name(), "kind");
/// ```
pub fn schema() -> Arc<Schema> {
    let texts = TEXTS.map(|name| Field::new(name, DataType::Utf8, true));
    let numbers = NUMBERS.map(|name| Field::new(name, DataType::Int64, true));
    Arc::new(Schema::new(texts.into_iter().chain(numbers).collect::<Vec<_>>()))
}

/// Makes batches of rows.
#[derive(Debug, Default)]
pub struct EvidenceWriter {
    texts: [StringBuilder; TEXTS.len()],
    numbers: [Int64Builder; NUMBERS.len()],
    rows: usize,
    done: Vec<RecordBatch>,
}

impl EvidenceWriter {
    /// Adds a row.
    pub fn push(&mut self, row: &EvidenceRow<'_>) {
        let EvidenceRow { case_id, person_id, place_id, word, text, start, end, .. } = *row;
        let texts = [Some(row.kind), case_id, person_id, place_id, word, text];
        self.texts.iter_mut().zip(texts).for_each(|(column, text)| column.append_option(text));
        let file = |row: Option<RowRef>| row.map(|row| i64::from(row.file()));
        let line = |row: Option<RowRef>| row.map(|row| row.line() as i64);
        let [lon, lat] = [0, 1].map(|n| row.at.map(|at| at[n]));
        let numbers = [start, end, lon, lat, row.number, row.more];
        let rows = [file(row.case_row), line(row.case_row), file(row.row), line(row.row)];
        let numbers = numbers.into_iter().chain(rows);
        self.numbers
            .iter_mut()
            .zip(numbers)
            .for_each(|(column, value)| column.append_option(value));
        self.rows += 1;
        if self.rows == ROWS {
            self.flush();
        }
    }

    fn flush(&mut self) {
        let texts = self.texts.iter_mut().map(|column| Arc::new(column.finish()) as ArrayRef);
        let numbers = self.numbers.iter_mut().map(|column| Arc::new(column.finish()) as ArrayRef);
        let batch = RecordBatch::try_new(schema(), texts.chain(numbers).collect());
        self.done.push(batch.expect("columns of one length"));
        self.rows = 0;
    }

    /// The batches; one at least.
    pub fn finish(mut self) -> Vec<RecordBatch> {
        if self.rows > 0 || self.done.is_empty() {
            self.flush();
        }
        self.done
    }
}

/// A batch that came back.
#[derive(Debug)]
pub struct EvidenceBatch {
    texts: Vec<StringArray>,
    numbers: Vec<Int64Array>,
    rows: usize,
}

impl EvidenceBatch {
    /// Of a batch that an engine handed on: its columns by their names, its texts and numbers of
    /// whatever width.
    ///
    /// # Errors
    /// An input error when it is no evidence.
    pub fn new(batch: &RecordBatch) -> Result<EvidenceBatch> {
        let column = |name: &str, of: &DataType| -> Result<ArrayRef> {
            let found = batch.column_by_name(name).and_then(|column| cast(column, of).ok());
            found.ok_or_else(|| {
                let names = batch.schema_ref().fields().iter().map(|field| field.name().clone());
                let columns = names.collect::<Vec<_>>().join(", ");
                Problem::NoEvidence { column: name.to_owned(), columns }.into()
            })
        };
        let (mut texts, mut numbers) = (Vec::new(), Vec::new());
        for name in TEXTS {
            texts.push(column(name, &DataType::Utf8)?.as_string::<i32>().clone());
        }
        for name in NUMBERS {
            numbers.push(column(name, &DataType::Int64)?.as_primitive::<Int64Type>().clone());
        }
        Ok(EvidenceBatch { texts, numbers, rows: batch.num_rows() })
    }

    /// The rows.
    pub fn rows(&self) -> impl Iterator<Item = EvidenceRow<'_>> {
        (0..self.rows).map(|row| {
            let text = |n: usize| self.texts[n].is_valid(row).then(|| self.texts[n].value(row));
            let number =
                |n: usize| self.numbers[n].is_valid(row).then(|| self.numbers[n].value(row));
            let of = |file: Option<i64>, line: Option<i64>| {
                Some(RowRef::new(u32::try_from(file?).ok()?, u64::try_from(line?).ok()?))
            };
            EvidenceRow {
                kind: text(0).unwrap_or_default(),
                case_id: text(1),
                person_id: text(2),
                place_id: text(3),
                word: text(4),
                text: text(5),
                start: number(0),
                end: number(1),
                at: number(2).zip(number(3)).map(|(lon, lat)| [lon, lat]),
                number: number(4),
                more: number(5),
                case_row: of(number(6), number(7)),
                row: of(number(8), number(9)),
            }
        })
    }
}

impl Found {
    /// What scans with an index found, as batches.
    pub fn to_batches(self, index: &CaseIndex) -> Vec<RecordBatch> {
        let mut out = EvidenceWriter::default();
        self.write(index, &mut out);
        out.finish()
    }

    /// Writes what scans with an index found.
    pub fn write(mut self, index: &CaseIndex, out: &mut EvidenceWriter) {
        self.parts.iter_mut().for_each(Part::finish);
        let ids: HashMap<PlaceId, &str> = index.hot_places().collect();
        let case_id = |case: CaseIdx| Some(&*index.cases().get(case).id);
        for part in &self.parts {
            for found in &part.matches {
                let (place_id, at) = place_of(part, found, &ids);
                out.push(&EvidenceRow {
                    kind: "match",
                    case_id: case_id(found.case),
                    person_id: Some(part.persons.get(found.person.0)),
                    place_id,
                    word: Some(found.basis.name()),
                    start: Some(found.span.start.0),
                    end: Some(found.span.end.0),
                    at,
                    case_row: Some(found.case_row),
                    row: Some(found.person_row),
                    ..EvidenceRow::default()
                });
            }
            for (area, there) in (0..).zip(&part.presence) {
                for (person, seen) in &there.people {
                    out.push(&EvidenceRow {
                        kind: "visit",
                        person_id: Some(part.persons.get(person.0)),
                        start: Some(seen.start.0),
                        end: Some(seen.end.0),
                        number: Some(area),
                        more: Some(seen.place.into()),
                        row: Some(seen.row),
                        ..EvidenceRow::default()
                    });
                }
            }
            for open in part.opens.iter() {
                let (place_id, at) = open.at.map_or((None, None), place_or_position);
                out.push(&EvidenceRow {
                    kind: if open.with.is_some() { "sighting" } else { "open" },
                    case_id: open.with.and_then(case_id),
                    person_id: Some(open.person),
                    place_id,
                    start: Some(open.start.0),
                    at,
                    number: open.seat_row.map(i64::from),
                    more: Some(open.protected.into()),
                    row: Some(open.row),
                    ..EvidenceRow::default()
                });
            }
        }
    }

    /// The evidence of batches that [`to_batches`](Found::to_batches) made with the same index.
    ///
    /// # Errors
    /// An input error when a batch is no evidence, or a row is of nobody in the index.
    pub fn from_batches(batches: &[RecordBatch], index: &CaseIndex) -> Result<Found> {
        let mut found = Found::default();
        for batch in batches {
            EvidenceBatch::new(batch)?.rows().try_for_each(|row| found.take(&row, index))?;
        }
        Ok(found)
    }

    /// Takes in a row of evidence of the same index; rows of other kinds are left.
    ///
    /// # Errors
    /// An input error when the row is of nobody in the index, or lacks something.
    pub fn take(&mut self, row: &EvidenceRow<'_>, index: &CaseIndex) -> Result<()> {
        let taken = match row.kind {
            "match" => self.take_match(row, index),
            "visit" => self.take_visit(row),
            "open" | "sighting" => self.take_open(row, index),
            _ => Some(()),
        };
        taken.ok_or_else(|| bad(row))
    }

    fn take_match(&mut self, row: &EvidenceRow<'_>, index: &CaseIndex) -> Option<()> {
        // Only those of the index are known as cases.
        let case = index.cases().find(row.case_id?)?;
        let basis = row.word.and_then(|word| Basis::ALL.into_iter().find(|b| b.name() == word))?;
        let at = match (row.place_id, row.at) {
            (Some(id), _) => {
                let id = id.as_bytes();
                index.place(id).map_or(Where::Named(id), |hot| Where::At(hot.place))
            }
            (None, Some(at)) => Where::Exactly(of_bits(at)),
            (None, None) => Where::Unknown,
        };
        let person = (row.person_id?.as_bytes(), row.row?);
        self.add_match((case, row.case_row?), person, basis, at, span(row)?);
        Some(())
    }

    fn take_visit(&mut self, row: &EvidenceRow<'_>) -> Option<()> {
        let Span { start, end } = span(row)?;
        let (area, place) = (u32::try_from(row.number?).ok()?, u32::try_from(row.more?).ok()?);
        let seen = Seen { end, start, place, row: row.row? };
        self.add_visit(area, row.person_id?.as_bytes(), seen);
        Some(())
    }

    fn take_open(&mut self, row: &EvidenceRow<'_>, index: &CaseIndex) -> Option<()> {
        let (person, start, of) = (row.person_id?.as_bytes(), Instant(row.start?), row.row?);
        let span = Span { start, end: Instant(start.0 + 1) };
        let place = row.place_id.map(str::as_bytes);
        if row.kind == "sighting" {
            let case = index.cases().find(row.case_id?)?;
            self.keep_sighting(case, person, &sighting(person, place.unwrap_or(b""), span, of));
            return Some(());
        }
        let at = place.map(At::Place).or_else(|| row.at.map(of_bits).map(At::Coord))?;
        let seat_row = row.number.and_then(|seat| u32::try_from(seat).ok());
        let (ends, protected) = (Ends::Open, row.more == Some(1));
        self.keep_open(&Stay { person, at, span, ends, seat_row, protected, row: of });
        Some(())
    }
}

fn span(row: &EvidenceRow<'_>) -> Option<Span> {
    Span::new(Instant(row.start?), Instant(row.end?))
}

/// A row of evidence that is none of the index.
#[cold]
pub fn bad(row: &EvidenceRow<'_>) -> Error {
    Problem::EvidenceOfOtherIndex { kind: row.kind.to_owned() }.into()
}

/// A sighting, of which only place, time and row are asked for.
fn sighting<'a>(person: &'a [u8], place: &'a [u8], span: Span, row: RowRef) -> Colocation<'a> {
    let (person_a, person_b, is_sighting, protected) = (person, person, true, false);
    let (distance_m, rssi_dbm) = (None, None);
    Colocation {
        person_a,
        person_b,
        span,
        is_sighting,
        place,
        distance_m,
        rssi_dbm,
        protected,
        row,
    }
}

/// The id of the place of a match, or the coordinate both were at.
fn place_of<'p>(
    part: &'p Part,
    found: &Match<LocalPerson>,
    ids: &HashMap<PlaceId, &'p str>,
) -> (Option<&'p str>, Option<[i64; 2]>) {
    match found.place {
        NO_PLACE => (None, None),
        place if place & EXTRA != 0 => (Some(part.places.get(place & !EXTRA)), None),
        place if place & POSITION != 0 => (None, position(part.positions.get(place & !POSITION))),
        place => (ids.get(&PlaceId(place)).copied(), None),
    }
}

/// The bits of a [`super::position_text`].
fn position(text: &str) -> Option<[i64; 2]> {
    let bits = |text| u64::from_str_radix(text, 16).ok().map(|bits| bits as i64);
    Some([bits(text.get(..16)?)?, bits(text.get(16..)?)?])
}
