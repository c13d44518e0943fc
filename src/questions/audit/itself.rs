//! A run against itself: whether each verdict has its proof, and on what it rests.

use super::{Finding, RestsOn, Wrong};
use crate::base::error::Result;
use crate::base::spans::{peak, union};
use crate::base::time::Span;
use crate::ingest::without_end;
use crate::questions::question::Question;
use crate::rules::exposure::{Pair, ground};
use crate::rules::measures::MeasureKind;
use crate::search::evidence::{Bases, Basis, Match};
use std::collections::BTreeSet;

/// The verdicts that nothing proves: somebody who is held without a match with a case, or a stay in
/// a zone that is high. There must be none.
pub(super) fn unproven(question: &Question) -> Vec<Finding> {
    let analysis = &question.analysis;
    let mut all = Vec::new();
    let mut in_zones = BTreeSet::new();
    for there in &analysis.measures.presence {
        if analysis.zones[there.zone].high {
            in_zones.insert(there.person);
        }
    }
    let mut close = BTreeSet::new();
    for contact in &analysis.contacts.close {
        let proof = |pair: &Pair| {
            let matches = analysis.proof(pair);
            pair.qualifies && matches.iter().any(|found| !found.basis.is_weak())
        };
        if contact.pairs(&analysis.graph).all(proof) {
            close.insert(contact.person);
        }
    }
    for measure in &analysis.measures.list {
        let id = measure.person(&analysis.evidence);
        let person = analysis.evidence.find(id);
        let proven = match measure.kind {
            MeasureKind::CloseContact => person.is_some_and(|person| close.contains(&person)),
            MeasureKind::Spillover => person.is_some_and(|person| in_zones.contains(&person)),
            MeasureKind::VenueExposed | MeasureKind::ClosedLoop => true,
            MeasureKind::Arrival => {
                let arrived = &analysis.measures.arrived;
                arrived.binary_search_by(|of| (*of.person).cmp(id)).is_ok()
            }
        };
        if !proven {
            let (id, ordered) = (id.to_owned(), measure.kind.name().to_owned());
            all.push(Finding { id, ordered, ..Finding::new(Wrong::NoProof, 1, 0) });
        }
    }
    all
}

/// On what the verdicts of the close contacts rest.
pub(super) fn rests_on(question: &Question) -> Result<RestsOn> {
    let analysis = &question.analysis;
    let close = &analysis.contacts.close;
    let pairs = || close.iter().flat_map(|contact| contact.pairs(&analysis.graph));
    let matches = pairs().flat_map(|pair| pair.matches(&analysis.evidence));
    let rows = matches.flat_map(|found| [found.case_row, found.person_row]).collect();
    let open = without_end(&analysis.folder, &analysis.request.settings, &rows)?;
    let is_assumed =
        |found: &Match| open.contains(&found.case_row) || open.contains(&found.person_row);
    let mut rests = RestsOn { close_contacts: close.len() as u64, ..RestsOn::default() };
    for contact in close {
        let own = || contact.pairs(&analysis.graph);
        let counted = |pair: &Pair| {
            analysis.proof(pair).iter().filter(|found| !found.basis.is_weak()).count()
        };
        let total: usize = own().map(counted).sum();
        let only_home = own().all(|pair| pair.bases.iter().all(|basis| basis == Basis::Household));
        rests.household_only += u64::from(only_home);
        rests.one_match += u64::from(total == 1 && !only_home);
        let sure = own().any(|pair| qualifies_without(question, pair, &is_assumed));
        rests.assumed_ends += u64::from(!sure);
    }
    Ok(rests)
}

/// Whether a pair qualifies without some of its matches.
fn qualifies_without(question: &Question, pair: &Pair, but: &impl Fn(&Match) -> bool) -> bool {
    let analysis = &question.analysis;
    let policy = &analysis.request.policy.exposure;
    let (mut all, mut crowded, mut bases) = (Vec::new(), Vec::new(), Bases::default());
    for found in pair.matches(&analysis.evidence).iter().filter(|found| !but(found)) {
        bases.insert(found.basis);
        if found.basis.counts() {
            all.push(found.span);
            let dense = found.place().is_some_and(|place| analysis.places.get(place).dense);
            crowded.extend(dense.then_some(found.span));
        }
    }
    let window_s = i64::from(policy.window_hours) * 3600;
    let peaks = [all, crowded].map(|mut spans: Vec<Span>| {
        union(&mut spans);
        peak(&spans, window_s)
    });
    ground(bases, peaks, policy).is_some()
}
