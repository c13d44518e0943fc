//! What is asked of a run, and what comes of it.

use super::checks::Check;
use crate::base::error::Error;
use crate::base::time::{Instant, TimeZone};
use crate::ingest::{Account, Folder, Label, Settings};
use crate::model::persons::Persons;
use crate::model::registers::Registers;
use crate::model::{Cases, PlaceId, Places};
use crate::policy::Policy;
use crate::rules::areas::CaseAreas;
use crate::rules::contacts::Contacts;
use crate::rules::facts::Facts;
use crate::rules::graph::ExposureGraph;
use crate::rules::measures::Measures;
use crate::rules::notice::bubbles::Kept;
use crate::rules::notice::visitors::Visitors;
use crate::rules::notice::{Answers, Drawn};
use crate::rules::options::ZoneOption;
use crate::rules::zones::RiskZone;
use crate::search::evidence::Evidence;
use hashbrown::HashMap;
use std::time::Duration;

/// What to analyse, and how.
#[derive(Debug, Clone)]
pub struct Request {
    /// The numbers.
    pub policy: Policy,
    /// How to read; its zone is the analysis time zone.
    pub settings: Settings,
    /// The moment to speak for; the end of the day of the latest confirmation when `None`.
    pub as_of: Option<Instant>,
    /// Raise every unit zone to its building, and why.
    pub expand: Option<String>,
    /// Count whom looser practices would hold, for two more passes over the rows.
    pub looser: bool,
    /// Look who is not from here, for a pass over the rows.
    pub visitors: bool,
}

impl Request {
    /// To analyse by a policy, and nothing else said.
    pub fn new(policy: Policy, settings: Settings) -> Request {
        Request { policy, settings, as_of: None, expand: None, looser: false, visitors: false }
    }
}

/// How long the parts took.
#[derive(Debug, Clone, Default)]
pub struct Timings(pub Vec<(&'static str, Duration)>);

/// How many people each practice would hold besides those who are held.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Looser {
    /// Everybody who was at a place on a day on which a case was there.
    pub at_places: u64,
    /// Everybody who was at a place together with a close contact, after their exposure.
    pub of_contacts: u64,
    /// Everybody who was in one cell of 800 m with a case for ten minutes.
    pub companions: u64,
}

/// Everything a run found.
#[derive(Debug)]
pub struct Analysis {
    /// What was asked.
    pub request: Request,
    /// The input folder.
    pub folder: Folder,
    /// The moment it speaks for.
    pub as_of: Instant,
    /// The cases.
    pub cases: Cases,
    /// The places.
    pub places: Places,
    /// The persons.
    pub persons: Persons,
    /// What else the export holds.
    pub registers: Registers,
    /// Where cases live and go.
    pub frequented: CaseAreas,
    /// Every match.
    pub evidence: Evidence,
    /// The exposure graph.
    pub graph: ExposureGraph,
    /// Close contacts and venue-exposed people.
    pub contacts: Contacts,
    /// Names and coordinates of the places where cases were, and of those in zones.
    pub labels: HashMap<String, Label>,
    /// The zones, by id.
    pub zones: Vec<RiskZone>,
    /// What the zones cost, and the areas that nearly became one.
    pub options: Vec<ZoneOption>,
    /// The measures, by person.
    pub measures: Measures,
    /// What the Notice asks besides.
    pub notice: Answers,
    /// Whether orders were kept.
    pub kept: Kept,
    /// Who is not from here, if that was asked.
    pub visitors: Option<Visitors>,
    /// The places that stays in zones are at, by their ranks.
    pub case_places: Vec<PlaceId>,
    /// What became of the rows.
    pub account: Account,
    /// Whom looser practices would hold, if that was asked.
    pub looser: Option<Looser>,
    /// What a person should look at before acting.
    pub checks: Vec<Check>,
    /// How long it took.
    pub timings: Timings,
}

/// How a step ended that could read its input.
#[derive(Debug)]
pub enum Outcome<T = Analysis> {
    /// With what it is for.
    Done(Box<T>),
    /// A table has too many rejects.
    TooManyRejects(Box<Rejected>),
}

/// An export of which too many rows cannot be used.
#[derive(Debug)]
pub struct Rejected {
    /// Which table, and what is most often wrong.
    pub error: Error,
    /// The input folder.
    pub folder: Folder,
    /// What became of the rows so far.
    pub account: Account,
}

impl Analysis {
    /// What the rules are made from.
    pub fn facts(&self) -> Facts<'_> {
        Facts {
            cases: &self.cases,
            persons: &self.persons,
            places: &self.places,
            registers: &self.registers,
            policy: &self.request.policy,
            zone: self.zone(),
            as_of: self.as_of,
            expand: self.request.expand.is_some(),
        }
    }

    /// What the rules of the Notice's other measures are made from.
    pub fn drawn(&self) -> Drawn<'_> {
        Drawn {
            facts: self.facts(),
            residences: &self.frequented.residences,
            graph: &self.graph,
            zones: &self.zones,
        }
    }

    /// The analysis time zone.
    pub fn zone(&self) -> &TimeZone {
        &self.request.settings.zone
    }
}
