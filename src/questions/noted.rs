//! What the tables of the Notice's other measures say of one person, with the rows behind it.
//!
//! Cost: a look at each of these lists.

use super::parts::{InputRow, Shower};
use crate::base::time::Instant;
use crate::model::RowRef;
use crate::pipeline::Analysis;
use crate::rules::notice::visitors::Stays;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

/// What a list says of somebody.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Noted {
    /// The table: `arrivals`, `breaches`, `bubble_contacts`, `isolation_contacts`, `stranded`,
    /// `travellers`; or `home_unfit`: isolation at home is central for them.
    pub list: &'static str,
    /// What it says, by the columns of that table.
    pub says: Map<String, Value>,
    /// The rows of the input behind it.
    pub rows: Vec<InputRow>,
}

/// A note before its rows are read.
pub(super) struct Note {
    list: &'static str,
    says: Vec<(&'static str, String)>,
    rows: Vec<RowRef>,
}

impl Note {
    /// The rows behind it.
    pub(super) fn rows(&self) -> &[RowRef] {
        &self.rows
    }

    /// With its rows as they stand in the input.
    pub(super) fn shown(self, shower: &Shower<'_>) -> Noted {
        let says = self.says.into_iter().filter(|(_, cell)| !cell.is_empty());
        let says = says.map(|(name, cell)| (name.to_owned(), Value::String(cell))).collect();
        let rows = self.rows.into_iter().map(|row| shower.row(row)).collect();
        Noted { list: self.list, says, rows }
    }
}

/// All that is noted of somebody.
pub(super) fn notes(analysis: &Analysis, id: &str) -> Vec<Note> {
    let at = |at: Instant| analysis.zone().show(at);
    let mut all = Vec::new();
    let mut add = |list, says: Vec<(&'static str, String)>, rows: Vec<RowRef>| {
        all.push(Note { list, says, rows });
    };
    for of in analysis.measures.arrived.iter().filter(|of| *of.person == *id) {
        let says = vec![
            ("entered", at(of.entered)),
            ("state", of.state.name().to_owned()),
            ("next_step", of.next.name().to_owned()),
            ("due", of.due.map_or(String::new(), at)),
        ];
        add("arrivals", says, vec![of.row]);
    }
    for of in analysis.kept.breaches.iter().filter(|of| *of.person == *id) {
        let place = of.place.as_deref().map(String::from_utf8_lossy).unwrap_or_default();
        let says = vec![
            ("kind", of.kind.name().to_owned()),
            ("what", of.what.name().to_owned()),
            ("place_id", place.into_owned()),
            ("start", at(of.span.start)),
            ("end", at(of.span.end)),
            ("edge", of.edge.names().collect::<Vec<_>>().join(";")),
            ("exposed", of.exposed.len().to_string()),
        ];
        add("breaches", says, vec![of.row, of.order]);
    }
    for of in analysis.kept.crossings.iter().filter(|of| *of.person == *id || *of.other == *id) {
        let says = vec![
            ("person_id", of.person.to_string()),
            ("other_id", of.other.to_string()),
            ("how", of.how.name().to_owned()),
            ("start", at(of.span.start)),
            ("end", at(of.span.end)),
        ];
        let mut rows = vec![of.row, of.other_row, of.order];
        rows.dedup();
        add("bubble_contacts", says, rows);
    }
    for of in analysis.notice.sites.iter().filter(|of| *of.person == *id) {
        let says = vec![
            ("case_id", analysis.cases.get(of.case).id.to_string()),
            ("near", of.near.name().to_owned()),
            ("start", at(of.span.start)),
            ("end", at(of.span.end)),
        ];
        add("isolation_contacts", says, of.rows.to_vec());
    }
    from_elsewhere(analysis, id, &mut add);
    if analysis.persons.is_home_unfit(id) {
        let row = analysis.persons.find(id).map(|person| person.row);
        add("home_unfit", Vec::new(), row.into_iter().collect());
    }
    all
}

/// What is noted of somebody who is not from here.
fn from_elsewhere(
    analysis: &Analysis,
    id: &str,
    add: &mut impl FnMut(&'static str, Vec<(&'static str, String)>, Vec<RowRef>),
) {
    let visitors = analysis.visitors.iter();
    for of in visitors.clone().flat_map(|all| &all.stranded).filter(|of| *of.person == *id) {
        let because = of.because.as_ref().map_or("", Stays::name);
        let says = vec![
            ("home_county", analysis.places.text(of.home).to_owned()),
            ("county", analysis.places.text(of.last.county).to_owned()),
            ("may_leave", if because.is_empty() { "yes" } else { "no" }.to_owned()),
            ("because", because.to_owned()),
        ];
        add("stranded", says, vec![of.last.row]);
    }
    for of in visitors.flat_map(|all| &all.travellers).filter(|of| *of.person == *id) {
        let says = vec![
            ("home_county", analysis.places.text(of.home).to_owned()),
            ("county", analysis.places.text(of.last.county).to_owned()),
            ("day0", of.day0.to_string()),
            ("release_on", of.release_on.to_string()),
        ];
        add("travellers", says, vec![of.last.row]);
    }
}
