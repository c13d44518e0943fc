//! What the Notice asks of an analyser besides zones and measures, each a suggestion with its
//! proof.
//!
//! | file | answers | the Notice |
//! |---|---|---|
//! | [`testing`] | is it unclear where the outbreak stands? | measure 6 |
//! | [`delays`] | how fast were cases found, isolated, and their zones announced? | measure 15 |
//! | [`sites`] | who was isolated beside somebody who turned out a case? | section 3(1) |
//! | [`breaches`] | who was where their order does not let them be? | measures 1, 3, 5, 8 |
//! | [`bubbles`] | who met across the border of a closed loop? | measure 8 |
//! | [`needs`] | what do people of key groups in a zone need? | measures 14, 17 |
//! | [`visitors`] | who is not from here: who may leave, who is monitored? | measure 20, Shanxi 1 |
//!
//! Pure functions; `pipeline/follow.rs` gathers the stays for [`breaches`] and [`visitors`].

pub mod breaches;
pub mod bubbles;
pub mod delays;
pub mod needs;
pub mod sites;
pub mod testing;
pub mod visitors;

use crate::rules::facts::Facts;
use crate::rules::graph::ExposureGraph;
use crate::rules::zones::RiskZone;
use crate::{model::Places, rules::areas::Residence};

/// What is known when zones are drawn, for all of these questions.
#[derive(Debug, Clone, Copy)]
pub struct Drawn<'a> {
    /// What the rules are made from.
    pub facts: Facts<'a>,
    /// Where each case lives.
    pub residences: &'a [Option<Residence>],
    /// Who met whom.
    pub graph: &'a ExposureGraph,
    /// The zones.
    pub zones: &'a [RiskZone],
}

impl Drawn<'_> {
    /// The number of the county where a case lives; 0 when it is not known.
    fn county(&self, case: crate::model::CaseIdx) -> u32 {
        let residence = self.residences[case.position() as usize];
        residence.map_or(0, |residence| self.facts.places.get(residence.place).county)
    }
}

/// The answers that need no further row.
#[derive(Debug, Default)]
pub struct Answers {
    /// By name of the county.
    pub testing: Vec<testing::CountyTesting>,
    /// By id of the case.
    pub delays: Vec<delays::Delay>,
    /// By name of the county and day.
    pub medians: Vec<delays::DayOfCounty>,
    /// By id of the case, and the person.
    pub sites: Vec<sites::Beside>,
}

impl Answers {
    /// O(cases × what stands beside them).
    pub fn new(drawn: &Drawn<'_>) -> Answers {
        let delays = delays::delays(drawn);
        let medians = delays::medians(drawn, &delays);
        Answers { testing: testing::testing(drawn), medians, delays, sites: sites::beside(drawn) }
    }
}

/// The name of a county.
fn name(places: &Places, county: u32) -> &str {
    places.text(county)
}
