//! `trace partition`: a campus, a works or a park in cells, instead of closing it as a whole.
//!
//! How cells are found is in [`crate::rules::cells`]; people belong to the cell of the area in
//! which they were longest, or else live. A suggestion with its price. Cost: a pass over all stays;
//! the rows of the compound are kept.

use super::question::Question;
use super::told::{Told, head};
use crate::base::error::Result;
use crate::base::problem::Problem;
use crate::base::spans::union;
use crate::base::time::{DAY, Span};
use crate::base::words::Lang;
use crate::ingest::Progress;
use crate::model::persons::Person;
use crate::model::{CaseIdx, Place, PlaceId};
use crate::pipeline::Analysis;
use crate::pipeline::stays_at::stays_at;
use crate::rules::areas::Area;
use crate::rules::cells::cells;
use crate::rules::zones::residence::residents;
use crate::search::person_stay::PersonStay;
use hashbrown::{HashMap, HashSet};
use schemars::JsonSchema;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// A cell.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Cell {
    /// Its number, from 1.
    pub cell: usize,
    /// `close`: it has a case, and days are left; `watch`: else, a close contact belongs to it;
    /// `open`: neither.
    pub suggestion: &'static str,
    /// The ids of its areas.
    pub areas: Vec<String>,
    /// People who were longer in one of its areas than in any other area; of people without a row
    /// in the compound those who are recorded as living in one.
    pub persons: u64,
    /// Moves of people between its areas.
    pub moves_inside: u64,
    /// Moves of people between it and other cells: those that are cut.
    pub moves_cut: u64,
    /// The cases who were in it inside their window, live in it, or belong to it.
    pub case_ids: Vec<String>,
    /// Close contacts who belong to it.
    pub contacts: u64,
    /// Days from as-of until it could be open again, if it is closed.
    pub days: i32,
    /// Its people times these days.
    pub person_days: u64,
}

/// A compound in cells.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Partition {
    /// The compound.
    pub compound: String,
    /// The moment it speaks for.
    pub as_of: String,
    /// The policy.
    pub policy: String,
    /// People seen in it, or recorded as living in it.
    pub persons: u64,
    /// Moves of people between its areas.
    pub moves: u64,
    /// Those of them that cells cut.
    pub moves_cut: u64,
    /// People and person-days if it was closed as a whole.
    pub closed_as_a_whole: Price,
    /// People and person-days if the cells with a case are closed.
    pub closed_by_cells: Price,
    /// The cells, in order of their first areas.
    pub cells: Vec<Cell>,
}

/// People and the days of theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Price {
    /// How many people.
    pub persons: u64,
    /// Their days, all together.
    pub person_days: u64,
}

/// Cuts a compound into cells; nothing when no place has that compound.
///
/// # Errors
/// When several counties have a compound of that name, or the input cannot be read any more.
pub fn partition(
    question: &Question,
    compound: &str,
    progress: &dyn Progress,
) -> Result<Option<Partition>> {
    let analysis = &question.analysis;
    let places = &analysis.places;
    let is_there = |of: &Place| {
        let (name, county) = (places.text(of.compound), places.text(of.county));
        let whole = compound.strip_prefix(county).and_then(|rest| rest.strip_prefix('/'));
        of.compound != 0 && (name == compound || whole == Some(name))
    };
    let there: Vec<PlaceId> =
        places.iter().filter(|(_, of)| is_there(of)).map(|(place, _)| place).collect();
    if there.is_empty() {
        return Ok(None);
    }
    let counties: BTreeSet<&str> =
        there.iter().map(|&place| places.text(places.get(place).county)).collect();
    if counties.len() > 1 {
        let all: Vec<String> = counties.iter().map(|of| format!("{of}/{compound}")).collect();
        let (name, all) = (compound.to_owned(), all.join(", "));
        return Err(Problem::SeveralCompounds { name, all }.into());
    }
    // In the order of their ids, whatever numbers they have.
    let by_id: BTreeMap<String, Area> = there
        .iter()
        .map(|&place| Area::of(places, place))
        .map(|area| (area.id(places), area))
        .collect();
    let number: HashMap<Area, usize> = by_id.values().copied().zip(0..).collect();
    let of_place: HashMap<&[u8], usize> = there
        .iter()
        .map(|&place| (places.id_bytes(place), number[&Area::of(places, place)]))
        .collect();
    let ids: HashSet<&[u8]> = of_place.keys().copied().collect();
    let stays = stays_at(analysis, &ids, progress)?;
    let mut seen: Vec<Seen<'_>> =
        stays.iter().map(|(person, stays)| Seen::new(person, stays, &of_place)).collect();
    seen.extend(unseen_residents(analysis, &stays, &number));
    let mut moves: BTreeMap<(usize, usize), u64> = BTreeMap::new();
    for &(a, b) in seen.iter().flat_map(|of| &of.moves) {
        *moves.entry((a.min(b), a.max(b))).or_default() += 1;
    }
    let moves: Vec<Moves> = moves.into_iter().map(|((a, b), n)| (a, b, n)).collect();
    let cell_of = cells(by_id.len(), &moves);
    let areas: Vec<(&String, Area)> = by_id.iter().map(|(id, area)| (id, *area)).collect();
    Ok(Some(priced(analysis, compound, (&areas, &cell_of, &moves), &seen)))
}

/// Two areas, and how many times people went between them.
type Moves = (usize, usize, u64);

/// What somebody did in the compound.
struct Seen<'a> {
    person: &'a str,
    /// The area where they were longest.
    most: usize,
    /// From area to area.
    moves: Vec<(usize, usize)>,
}

impl<'a> Seen<'a> {
    fn new(person: &'a str, stays: &[PersonStay], of: &HashMap<&[u8], usize>) -> Seen<'a> {
        let area = |stay: &PersonStay| of[stay.place.as_deref().expect("stays at places")];
        let mut times: BTreeMap<usize, Vec<Span>> = BTreeMap::new();
        for stay in stays {
            times.entry(area(stay)).or_default().push(stay.span);
        }
        let longest =
            times.iter_mut().map(|(&area, spans)| (union(spans), std::cmp::Reverse(area)));
        let most = longest.max().map_or(0, |(_, area)| area.0);
        let goes = |pair: &[PersonStay]| {
            let (from, to) = (area(&pair[0]), area(&pair[1]));
            // Who comes back after a day has not walked from one to the other.
            let soon = pair[1].span.start.0 - pair[0].span.end.0 <= DAY;
            (from != to && soon).then_some((from, to))
        };
        Seen { person, most, moves: stays.windows(2).filter_map(goes).collect() }
    }
}

/// Those who are recorded as living in the compound, and have no row there.
fn unseen_residents<'a>(
    analysis: &'a Analysis,
    stays: &BTreeMap<Box<str>, Vec<PersonStay>>,
    number: &HashMap<Area, usize>,
) -> Vec<Seen<'a>> {
    let all = analysis.persons.iter().filter(|(person, _)| !stays.contains_key(*person));
    let lives = |(person, of): (&'a str, Person)| {
        let most = *number.get(&Area::of(&analysis.places, of.residence?))?;
        Some(Seen { person, most, moves: Vec::new() })
    };
    all.filter_map(lives).collect()
}

/// The cells with who is in them and what closing them costs.
fn priced(
    analysis: &Analysis,
    compound: &str,
    (areas, cell_of, moves): (&[(&String, Area)], &[usize], &[Moves]),
    seen: &[Seen<'_>],
) -> Partition {
    let cases = &analysis.cases;
    let count = cell_of.iter().max().map_or(0, |last| last + 1);
    let mut found: Vec<Cell> = (0..count).map(empty).collect();
    for ((id, _), &cell) in areas.iter().zip(cell_of) {
        found[cell].areas.push((*id).clone());
    }
    let number: HashMap<Area, usize> =
        areas.iter().map(|(_, area)| *area).zip(cell_of.iter().copied()).collect();
    let mut of_cases = cases_of(analysis, &number, count);
    for of in seen {
        let cell = cell_of[of.most];
        found[cell].persons += 1;
        match cases.find(of.person) {
            Some(case) => _ = of_cases[cell].insert(case),
            None => found[cell].contacts += u64::from(is_close(analysis, of.person)),
        }
    }
    for &(a, b, n) in moves {
        if cell_of[a] == cell_of[b] {
            found[cell_of[a]].moves_inside += n;
        } else {
            found[cell_of[a]].moves_cut += n;
            found[cell_of[b]].moves_cut += n;
        }
    }
    let mut days_of_all = 0;
    for (cell, of_cell) in found.iter_mut().zip(&of_cases) {
        cell.days = days_left(analysis, of_cell);
        days_of_all = days_of_all.max(cell.days);
        cell.case_ids = of_cell.iter().map(|&case| cases.get(case).id.to_string()).collect();
        cell.suggestion = match (cell.days, cell.contacts) {
            (1.., _) => "close",
            (_, 1..) => "watch",
            _ => "open",
        };
        cell.person_days = cell.persons * u64::from(cell.days.unsigned_abs());
    }
    let closed = || found.iter().filter(|cell| cell.suggestion == "close");
    let persons = seen.len() as u64;
    Partition {
        compound: compound.to_owned(),
        as_of: analysis.zone().show(analysis.as_of),
        policy: analysis.request.policy.name.clone(),
        persons,
        moves: moves.iter().map(|(.., n)| n).sum(),
        moves_cut: found.iter().map(|cell| cell.moves_cut).sum::<u64>() / 2,
        closed_as_a_whole: Price {
            persons: if days_of_all > 0 { persons } else { 0 },
            person_days: persons * u64::from(days_of_all.unsigned_abs()),
        },
        closed_by_cells: Price {
            persons: closed().map(|cell| cell.persons).sum(),
            person_days: closed().map(|cell| cell.person_days).sum(),
        },
        cells: found,
    }
}

/// The cases who were in each cell inside their window, or live in it.
fn cases_of(
    analysis: &Analysis,
    number: &HashMap<Area, usize>,
    cells: usize,
) -> Vec<BTreeSet<CaseIdx>> {
    let Analysis { places, cases, persons, frequented, request, .. } = analysis;
    let mut of_cases = vec![BTreeSet::new(); cells];
    for (&place, presence) in &frequented.by_place {
        if let Some(&cell) = number.get(&Area::of(places, place)) {
            of_cases[cell].extend(presence.stays.iter().map(|there| there.case));
        }
    }
    // A case need have no row at home: venues alone scan codes.
    for (area, of_area) in residents(frequented, cases, persons, places, &request.policy) {
        if let Some(&cell) = number.get(&area) {
            of_cases[cell].extend(of_area);
        }
    }
    of_cases
}

fn empty(number: usize) -> Cell {
    Cell {
        cell: number + 1,
        suggestion: "open",
        areas: Vec::new(),
        persons: 0,
        moves_inside: 0,
        moves_cut: 0,
        case_ids: Vec::new(),
        contacts: 0,
        days: 0,
        person_days: 0,
    }
}

fn is_close(analysis: &Analysis, person: &str) -> bool {
    let found = analysis.evidence.find(person);
    let close = &analysis.contacts.close;
    found.is_some_and(|id| close.binary_search_by_key(&id, |contact| contact.person).is_ok())
}

/// Days until an area with these cases would be low again, as a zone: 0 when it is.
fn days_left(analysis: &Analysis, cases: &BTreeSet<CaseIdx>) -> i32 {
    let days = analysis.request.policy.zone.as_ref().map_or(0, |rules| rules.downgrade_days);
    let zone = analysis.zone();
    let last = cases.iter().map(|&case| zone.date(analysis.cases.get(case).confirmed)).max();
    let today = zone.date(analysis.as_of);
    last.map_or(0, |last| (last.plus(i64::from(days) + 1).0 - today.0).max(0))
}

impl Told for Partition {
    fn told(&self, lang: Lang) -> Vec<String> {
        let mut lines = vec![
            head(&self.as_of, &self.policy, lang),
            lang.fill(
                "{}: {} people, {} moves between its areas; {} cells, which cut {} of the moves",
                &[&self.compound, &self.persons, &self.moves, &self.cells.len(), &self.moves_cut],
            ),
            lang.fill(
                "closed as a whole: {} people, {} person-days",
                &[&self.closed_as_a_whole.persons, &self.closed_as_a_whole.person_days],
            ),
            lang.fill(
                "closed by cells: {} people, {} person-days",
                &[&self.closed_by_cells.persons, &self.closed_by_cells.person_days],
            ),
        ];
        for cell in &self.cells {
            lines.push(String::new());
            lines.push(lang.fill(
                "cell {}, {}: {} people, {} close contacts, {} cases",
                &[
                    &cell.cell,
                    &lang.say(match cell.suggestion {
                        "close" => "to close",
                        "watch" => "open once its contacts are isolated",
                        _ => "may stay open",
                    }),
                    &cell.persons,
                    &cell.contacts,
                    &cell.case_ids.len(),
                ],
            ));
            lines.push(lang.fill(
                "  moves inside {}, cut {}; days {}, person-days {}",
                &[&cell.moves_inside, &cell.moves_cut, &cell.days, &cell.person_days],
            ));
            lines.extend(cell.areas.iter().map(|area| format!("  {area}")));
        }
        lines
    }
}
