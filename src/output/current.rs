//! The states of findings: what everybody and every zone is now.
//!
//! Cost: the people with a class, the zones and the links.

use super::row_writer::Findings;
use super::states::{State, States, What};
use super::summary::policy_digest;
use crate::model::CaseIdx;
use crate::pipeline::Analysis;
use crate::search::evidence::PersonId;
use std::collections::BTreeSet;

/// The states of what an analysis found, as [`States::read`] reads them of its output. O(n log n)
/// over the people with a class.
pub fn states(analysis: &Analysis) -> States {
    current(&Findings::new(analysis), &policy_digest(analysis))
}

/// Those of findings.
pub(super) fn current(findings: &Findings<'_>, policy: &str) -> States {
    let analysis = findings.analysis;
    let zone = analysis.zone();
    let case_id = |case: CaseIdx| analysis.cases.get(case).id.to_string();
    let cases =
        |cases: &mut dyn Iterator<Item = CaseIdx>| cases.map(case_id).collect::<Vec<_>>().join(";");
    let person = |person: PersonId| analysis.evidence.id(person);
    let is_expanded = analysis.request.expand.is_some();
    let mut states = vec![State::of_run(zone.show(analysis.as_of), policy, is_expanded)];
    for (case, row) in analysis.cases.iter() {
        let window = analysis.cases.window(case);
        let at = |at| zone.show(at);
        states.push(State {
            since: window.map_or(String::new(), |window| at(window.start)),
            until: window.map_or(String::new(), |window| at(window.end)),
            ..State::new(What::Case, &*row.id, "case")
        });
    }
    for (case, exposed, _) in &findings.links {
        let link = State::new(What::Link, case_id(*case), "link");
        states.push(State { other_id: case_id(*exposed), ..link });
    }
    for zone in &analysis.zones {
        states.push(State {
            state: if zone.high { "high" } else { "low" }.to_owned(),
            until: zone.downgrade_on.to_string(),
            case_ids: cases(&mut zone.cases.iter().copied()),
            ..State::new(What::Zone, zone.id(&analysis.places), zone.area.level())
        });
    }
    for measure in &analysis.measures.list {
        let schedule = analysis.measures.schedule(measure);
        let id = measure.person(&analysis.evidence);
        // Spillover is for the cases of the zones.
        let of_zones = analysis.measures.zone_lists[measure.zones as usize].iter();
        let of_zones = of_zones.flat_map(|&zone| analysis.zones[zone].cases.iter().copied());
        let own = measure.cases(&analysis.contacts, &analysis.graph);
        let all: BTreeSet<CaseIdx> = own.chain(of_zones).collect();
        states.push(State {
            state: if schedule.active { "active" } else { "elapsed" }.to_owned(),
            since: schedule.day0.to_string(),
            until: schedule.release_on.to_string(),
            case_ids: cases(&mut all.into_iter()),
            ..State::new(What::Person, id, measure.kind.name())
        });
    }
    // A policy may have no measure for a class.
    let measured = |id: &str| {
        let list = &analysis.measures.list;
        list.binary_search_by(|of| of.person(&analysis.evidence).cmp(id)).is_ok()
    };
    let (close, venue) = (&analysis.contacts.close, &analysis.contacts.venue_exposed);
    let close = close.iter().map(|exposed| ("close_contact", exposed));
    for (class, exposed) in close.chain(venue.iter().map(|of| ("venue_exposed", of))) {
        let id = person(exposed.person);
        if !measured(id) {
            let case_ids = cases(&mut exposed.cases(&analysis.graph));
            states.push(State { case_ids, ..State::new(What::Person, id, class) });
        }
    }
    States::sorted(states)
}
