//! The rows of one person: their stays, with the ends that a run gives them, and the co-locations
//! with cases.
//!
//! For questions about somebody who may have met nobody; nobody else is looked for with it. Cost: a
//! pass over the rows of the person, and one over the co-locations.

use super::passes::Input;
use super::request::Analysis;
use crate::base::error::Result;
use crate::base::sieve::Wanted;
use crate::base::time::{Instant, Span};
use crate::ingest::{self, Progress, StayLimits};
use crate::model::{
    CaseIdx, Cases, Colocation, Interest, RowRef, Stay, TakeColocations, TakeStays,
};
use crate::search::open::{Next, OpenRules};
use crate::search::person_stay::PersonStay;

/// A co-location of the person and a case.
#[derive(Debug, Clone)]
pub struct Meeting {
    /// The case.
    pub case: CaseIdx,
    /// When.
    pub span: Span,
    is_sighting: bool,
    /// How near, when known.
    pub distance_m: Option<f64>,
    /// How strong the signal was, when known.
    pub rssi_dbm: Option<f64>,
    /// Whether it exposes the person to nobody.
    pub protected: bool,
    /// Its row.
    pub row: RowRef,
}

/// What the input says of one person.
#[derive(Debug, Default)]
pub struct RowsOf {
    /// The stays that a run uses, in order of their starts.
    pub stays: Vec<PersonStay>,
    /// Stays that lie at or after as-of.
    pub later: u64,
    /// Positions that are not used because they are not accurate enough.
    pub inaccurate: u64,
    /// The co-locations with cases that a run looks at.
    pub meetings: Vec<Meeting>,
    /// Co-locations with anybody.
    pub colocations: u64,
}

/// The rows of a person in the input of a run.
///
/// # Errors
/// When the input cannot be read any more.
pub fn rows_of(analysis: &Analysis, person: &str, progress: &dyn Progress) -> Result<RowsOf> {
    let (folder, request, as_of) = (&analysis.folder, &analysis.request, analysis.as_of);
    let is_one = |id: &[u8]| id == person.as_bytes();
    let wanted = Wanted::new([person.as_bytes()].into_iter(), &is_one);
    let start = || Stays { person: person.as_bytes(), stays: Vec::new() };
    let what = "rows of one person";
    let of_person = |limits: StayLimits| -> Result<Vec<PersonStay>> {
        let input = Input::with_limits(folder, request, limits, progress);
        let found = input.stays_of(&wanted, what, start)?;
        Ok(found.into_iter().flat_map(|of| of.stays).collect())
    };
    let all = of_person(StayLimits::everything(&request.policy))?;
    let mut stays = of_person(StayLimits::new(&request.policy, as_of))?;
    let later = all.iter().filter(|stay| stay.span.start >= as_of).count();
    let inaccurate = all.len() - later - stays.len();
    stays.sort_by_key(|stay| (stay.span.start, stay.row));
    let rules = OpenRules::new(&request.policy.exposure, as_of);
    rules.end_all(&mut stays);

    let cases = &analysis.cases;
    let start = || Meetings { person: person.as_bytes(), cases, met: Vec::new(), rows: 0 };
    let read =
        ingest::read_colocations(folder, &request.settings, as_of, progress, start)?.0.into_iter();
    let (mut met, mut colocations) = (Vec::new(), 0);
    read.for_each(|of| {
        met.extend(of.met);
        colocations += of.rows;
    });
    hold(&mut met, &rules);
    folder.unchanged()?;
    let (later, inaccurate) = (later as u64, inaccurate as u64);
    Ok(RowsOf { stays, later, inaccurate, meetings: met, colocations })
}

/// Holds the sightings until the next row of the same two.
fn hold(met: &mut [Meeting], rules: &OpenRules) {
    met.sort_by_key(|meeting| (meeting.case, meeting.span.start, meeting.row));
    let next: Vec<Option<Instant>> = (0..met.len())
        .map(|at| {
            let Meeting { case, span, .. } = met[at];
            let later = met[at..].iter().take_while(|other| other.case == case);
            later.map(|other| other.span.start).find(|start| *start > span.start)
        })
        .collect();
    for (meeting, next) in met.iter_mut().zip(next).filter(|(meeting, _)| meeting.is_sighting) {
        let start = meeting.span.start;
        let next = next.map_or(Next::NONE, |next| Next::new(next.0 - start.0, true));
        meeting.span = rules.sighting(start, next);
    }
}

/// Keeps the stays of the person.
struct Stays<'p> {
    person: &'p [u8],
    stays: Vec<PersonStay>,
}

impl Interest for Stays<'_> {}

impl TakeStays for Stays<'_> {
    fn stay(&mut self, stay: &Stay<'_>) {
        if stay.person != self.person {
            return;
        }
        self.stays.push(PersonStay::new(stay));
    }
}

/// Keeps the co-locations of the person with cases.
struct Meetings<'p> {
    person: &'p [u8],
    cases: &'p Cases,
    met: Vec<Meeting>,
    rows: u64,
}

impl Interest for Meetings<'_> {
    fn may_matter_to(&self, persons: [&[u8]; 2]) -> bool {
        persons.contains(&self.person)
    }
}

impl TakeColocations for Meetings<'_> {
    fn colocation(&mut self, of: &Colocation<'_>) {
        let other = match (of.person_a == self.person, of.person_b == self.person) {
            (true, _) => of.person_b,
            (_, true) => of.person_a,
            _ => return,
        };
        self.rows += 1;
        if let Some(case) = self.cases.find(other) {
            let Colocation { span, is_sighting, distance_m, rssi_dbm, protected, row, .. } = *of;
            let meeting = Meeting { case, span, is_sighting, distance_m, rssi_dbm, protected, row };
            self.met.push(meeting);
        }
    }
}
