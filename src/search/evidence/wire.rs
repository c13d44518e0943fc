//! Evidence as Arrow batches: from a worker that scanned elsewhere, and back.
//!
//! Three tables, each one batch: `matches`, `visits` of watched areas, and `opens`, what may match
//! once its end is known. Cases, persons and places go by their ids, rows by file and line, times
//! in seconds since 1970; areas and the places of visits go by the numbers of the index, which is
//! the same at both ends. O(n); the batches hold ids and whereabouts of people.

use super::{EXTRA, Found, LocalPerson, Match, NO_PLACE, POSITION, Part, Seen, Where};
use crate::base::error::{Error, Result};
use crate::base::geo::Coord;
use crate::base::problem::Problem;
use crate::base::time::{Instant, Span};
use crate::model::{At, CaseIdx, Colocation, Ends, PlaceId, RowRef, Stay};
use crate::search::evidence::Basis;
use crate::search::index::CaseIndex;
use crate::search::next_rows::OpenRow;
use arrow_array::cast::AsArray;
use arrow_array::types::{Float64Type, Int64Type, UInt32Type, UInt64Type};
use arrow_array::{
    Array, ArrayRef, BooleanArray, Float64Array, Int64Array, RecordBatch, StringArray, UInt32Array,
    UInt64Array,
};
use hashbrown::HashMap;
use std::sync::Arc;

/// Evidence as three tables.
#[derive(Debug, Clone)]
pub struct Batches {
    /// `case_id, person_id, start, end, basis, place_id, lon, lat, case_file, case_line,
    /// person_file, person_line`.
    pub matches: RecordBatch,
    /// `area, person_id, start, end, place, file, line`.
    pub visits: RecordBatch,
    /// `person_id, case_id, start, place_id, lon, lat, seat_row, protected, file, line`; those with
    /// a case are sightings.
    pub opens: RecordBatch,
}

impl Found {
    /// What scans with an index found, as tables.
    pub fn to_batches(mut self, index: &CaseIndex) -> Batches {
        self.parts.iter_mut().for_each(Part::finish);
        let ids: HashMap<PlaceId, &str> = index.hot_places().collect();
        let matches =
            || self.parts.iter().flat_map(|part| part.matches.iter().map(move |m| (part, m)));
        let place = |part, m| place_of(part, m, &ids);
        let case = |case: CaseIdx| &*index.cases().get(case).id;
        let table = vec![
            ("case_id", texts(matches().map(|(_, m)| Some(case(m.case))))),
            ("person_id", texts(matches().map(|(part, m)| Some(part.persons.get(m.person.0))))),
            ("start", times(matches().map(|(_, m)| m.span.start))),
            ("end", times(matches().map(|(_, m)| m.span.end))),
            ("basis", texts(matches().map(|(_, m)| Some(m.basis.name())))),
            ("place_id", texts(matches().map(|(part, m)| place(part, m).0))),
            ("lon", degrees(matches().map(|(part, m)| Some(place(part, m).1?.lon)))),
            ("lat", degrees(matches().map(|(part, m)| Some(place(part, m).1?.lat)))),
            ("case_file", numbers(matches().map(|(_, m)| Some(m.case_row.file())))),
            ("case_line", lines(matches().map(|(_, m)| m.case_row))),
            ("person_file", numbers(matches().map(|(_, m)| Some(m.person_row.file())))),
            ("person_line", lines(matches().map(|(_, m)| m.person_row))),
        ];
        let matches = batch(table);
        let visits = || {
            self.parts.iter().flat_map(|part| {
                let areas = (0u32..).zip(&part.presence);
                areas.flat_map(move |(area, there)| {
                    there
                        .people
                        .iter()
                        .map(move |(who, seen)| (area, part.persons.get(who.0), seen))
                })
            })
        };
        let table = vec![
            ("area", numbers(visits().map(|(area, ..)| Some(area)))),
            ("person_id", texts(visits().map(|(_, person, _)| Some(person)))),
            ("start", times(visits().map(|(.., seen)| seen.start))),
            ("end", times(visits().map(|(.., seen)| seen.end))),
            ("place", numbers(visits().map(|(.., seen)| Some(seen.place)))),
            ("file", numbers(visits().map(|(.., seen)| Some(seen.row.file())))),
            ("line", lines(visits().map(|(.., seen)| seen.row))),
        ];
        let visits = batch(table);
        let opens = || self.parts.iter().flat_map(|part| part.opens.iter());
        let coord = |open: &OpenRow<'_>| match open.at {
            Some(At::Coord(at)) => Some(at),
            _ => None,
        };
        let named = |open: OpenRow<'_>| match open.at {
            Some(At::Place(id)) => Some(String::from_utf8_lossy(id).into_owned()),
            _ => None,
        };
        let table = vec![
            ("person_id", texts(opens().map(|open| Some(open.person)))),
            ("case_id", texts(opens().map(|open| open.with.map(case)))),
            ("start", times(opens().map(|open| open.start))),
            ("place_id", Arc::new(opens().map(named).collect::<StringArray>()) as ArrayRef),
            ("lon", degrees(opens().map(|open| Some(coord(&open)?.lon)))),
            ("lat", degrees(opens().map(|open| Some(coord(&open)?.lat)))),
            ("seat_row", numbers(opens().map(|open| open.seat_row))),
            (
                "protected",
                Arc::new(opens().map(|open| Some(open.protected)).collect::<BooleanArray>()),
            ),
            ("file", numbers(opens().map(|open| Some(open.row.file())))),
            ("line", lines(opens().map(|open| open.row))),
        ];
        Batches { matches, visits, opens: batch(table) }
    }

    /// The evidence of tables that [`to_batches`](Found::to_batches) made with the same index.
    ///
    /// # Errors
    /// An input error when a column is missing, or a row is of nobody in the index.
    pub fn from_batches(batches: &Batches, index: &CaseIndex) -> Result<Found> {
        let mut evidence = Found::default();
        let table = Table { batch: &batches.matches, index };
        for row in 0..batches.matches.num_rows() {
            let basis = table.text("basis", row)?.unwrap_or_default();
            let basis = Basis::ALL.into_iter().find(|known| known.name() == basis);
            let (case, at) = (table.case(row)?, table.place(row)?);
            let (case, basis) = case.zip(basis).ok_or_else(|| table.bad(row))?;
            let own = (case, table.row(("case_file", "case_line"), row)?);
            let person = table.person(row)?;
            let other = (person.as_bytes(), table.row(("person_file", "person_line"), row)?);
            let at = match at {
                Some(At::Place(id)) => {
                    index.place(id).map_or(Where::Named(id), |hot| Where::At(hot.place))
                }
                Some(At::Coord(at)) => Where::Exactly(at),
                None => Where::Unknown,
            };
            evidence.add_match(own, other, basis, at, table.span(row)?);
        }
        let table = Table { batch: &batches.visits, index };
        for row in 0..batches.visits.num_rows() {
            let Span { start, end } = table.span(row)?;
            let (area, place) = (table.number("area", row)?, table.number("place", row)?);
            let (area, place) = area.zip(place).ok_or_else(|| table.bad(row))?;
            let seen = Seen { end, start, place, row: table.row(("file", "line"), row)? };
            evidence.add_visit(area, table.person(row)?.as_bytes(), seen);
        }
        let table = Table { batch: &batches.opens, index };
        for row in 0..batches.opens.num_rows() {
            let (person, at) = (table.person(row)?.as_bytes(), table.place(row)?);
            let (start, of) = (table.time("start", row)?, table.row(("file", "line"), row)?);
            let span = Span { start, end: Instant(start.0 + 1) };
            let (seat_row, protected) = (table.number("seat_row", row)?, table.protected(row)?);
            if let Some(case) = table.case(row)? {
                let place = if let Some(At::Place(id)) = at { id } else { b"" };
                evidence.keep_sighting(case, person, &sighting(person, place, span, of));
            } else {
                let at = at.ok_or_else(|| table.bad(row))?;
                let ends = Ends::Open;
                evidence.keep_open(&Stay { person, at, span, ends, seat_row, protected, row: of });
            }
        }
        Ok(evidence)
    }
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
) -> (Option<&'p str>, Option<Coord>) {
    match found.place {
        NO_PLACE => (None, None),
        place if place & EXTRA != 0 => (Some(part.places.get(place & !EXTRA)), None),
        place if place & POSITION != 0 => (None, coord(part.positions.get(place & !POSITION))),
        place => (ids.get(&PlaceId(place)).copied(), None),
    }
}

/// The coordinate of a [`super::position_text`].
fn coord(text: &str) -> Option<Coord> {
    let degrees = |text| u64::from_str_radix(text, 16).ok().map(f64::from_bits);
    Some(Coord { lon: degrees(text.get(..16)?)?, lat: degrees(text.get(16..)?)? })
}

fn texts<'a>(values: impl Iterator<Item = Option<&'a str>>) -> ArrayRef {
    Arc::new(values.collect::<StringArray>())
}

fn times(values: impl Iterator<Item = Instant>) -> ArrayRef {
    Arc::new(Int64Array::from_iter_values(values.map(|at| at.0)))
}

fn degrees(values: impl Iterator<Item = Option<f64>>) -> ArrayRef {
    Arc::new(values.collect::<Float64Array>())
}

fn numbers(values: impl Iterator<Item = Option<u32>>) -> ArrayRef {
    Arc::new(values.collect::<UInt32Array>())
}

fn lines(rows: impl Iterator<Item = RowRef>) -> ArrayRef {
    Arc::new(UInt64Array::from_iter_values(rows.map(RowRef::line)))
}

fn batch(columns: Vec<(&str, ArrayRef)>) -> RecordBatch {
    let columns = columns.into_iter().map(|(name, column)| (name, column, true));
    RecordBatch::try_from_iter_with_nullable(columns).expect("columns of one length")
}

/// A table that came back.
struct Table<'b> {
    batch: &'b RecordBatch,
    index: &'b CaseIndex,
}

impl<'b> Table<'b> {
    #[cold]
    fn bad(&self, row: usize) -> Error {
        let columns: Vec<&str> =
            self.batch.schema_ref().fields().iter().map(|field| field.name().as_str()).collect();
        let columns = columns.join(", ");
        Problem::EvidenceOfOtherIndex { row, columns }.into()
    }

    fn column(&self, name: &str, row: usize) -> Result<Option<&'b dyn Array>> {
        let column = self.batch.column_by_name(name).ok_or_else(|| self.bad(row))?;
        Ok(column.is_valid(row).then_some(column.as_ref()))
    }

    fn text(&self, name: &str, row: usize) -> Result<Option<&'b str>> {
        let Some(column) = self.column(name, row)? else { return Ok(None) };
        let texts = column.as_string_opt::<i32>().ok_or_else(|| self.bad(row))?;
        Ok(Some(texts.value(row)))
    }

    fn number(&self, name: &str, row: usize) -> Result<Option<u32>> {
        let Some(column) = self.column(name, row)? else { return Ok(None) };
        let numbers = column.as_primitive_opt::<UInt32Type>().ok_or_else(|| self.bad(row))?;
        Ok(Some(numbers.value(row)))
    }

    fn degrees(&self, name: &str, row: usize) -> Result<Option<f64>> {
        let Some(column) = self.column(name, row)? else { return Ok(None) };
        let numbers = column.as_primitive_opt::<Float64Type>().ok_or_else(|| self.bad(row))?;
        Ok(Some(numbers.value(row)))
    }

    fn time(&self, name: &str, row: usize) -> Result<Instant> {
        let column = self.column(name, row)?.ok_or_else(|| self.bad(row))?;
        let times = column.as_primitive_opt::<Int64Type>().ok_or_else(|| self.bad(row))?;
        Ok(Instant(times.value(row)))
    }

    fn span(&self, row: usize) -> Result<Span> {
        let span = Span::new(self.time("start", row)?, self.time("end", row)?);
        span.ok_or_else(|| self.bad(row))
    }

    fn row(&self, (file, line): (&str, &str), row: usize) -> Result<RowRef> {
        let file = self.number(file, row)?.ok_or_else(|| self.bad(row))?;
        let lines = self.column(line, row)?.ok_or_else(|| self.bad(row))?;
        let lines = lines.as_primitive_opt::<UInt64Type>().ok_or_else(|| self.bad(row))?;
        Ok(RowRef::new(file, lines.value(row)))
    }

    fn person(&self, row: usize) -> Result<&'b str> {
        self.text("person_id", row)?.ok_or_else(|| self.bad(row))
    }

    /// The case of a row that names one: only those of the index are known.
    fn case(&self, row: usize) -> Result<Option<CaseIdx>> {
        let Some(id) = self.text("case_id", row)? else { return Ok(None) };
        self.index.cases().find(id).map(Some).ok_or_else(|| self.bad(row))
    }

    fn place(&self, row: usize) -> Result<Option<At<'b>>> {
        if let Some(id) = self.text("place_id", row)? {
            return Ok(Some(At::Place(id.as_bytes())));
        }
        let coord = self.degrees("lon", row)?.zip(self.degrees("lat", row)?);
        Ok(coord.map(|(lon, lat)| At::Coord(Coord { lon, lat })))
    }

    fn protected(&self, row: usize) -> Result<bool> {
        let Some(column) = self.column("protected", row)? else { return Ok(false) };
        let truths = column.as_boolean_opt().ok_or_else(|| self.bad(row))?;
        Ok(truths.value(row))
    }
}
