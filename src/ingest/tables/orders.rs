//! `orders`: where people were ordered to stay, and until when (the Notice, measures 5 and 8).
//!
//! Cost: the table, in order.

use crate::base::error::Result;
use crate::base::time::{Instant, Span};
use crate::ingest::account::Account;
use crate::ingest::cells::Bare;
use crate::ingest::contract::Table;
use crate::ingest::folder::Folder;
use crate::ingest::rejects::Reason;
use crate::ingest::settings::{Progress, Settings};
use crate::ingest::tables::records;
use crate::ingest::tables::records::{Moments, Record, SideNotes, Verdict};
use crate::ingest::tables::stays::{Bad, fault};
use crate::model::Places;
use crate::model::registers::{Order, OrderKind};
use serde::Deserialize;

#[derive(Deserialize, Default)]
#[serde(default)]
struct OrderRow<'a> {
    person_id: &'a [u8],
    kind: &'a [u8],
    from: &'a [u8],
    to: &'a [u8],
    place_id: &'a [u8],
}

/// What orders are called.
const KINDS: [(&str, OrderKind); 18] = [
    ("central", OrderKind::Central),
    ("集中隔离", OrderKind::Central),
    ("集中", OrderKind::Central),
    ("集中隔离医学观察", OrderKind::Central),
    ("集中医学观察", OrderKind::Central),
    ("home", OrderKind::Home),
    ("居家隔离", OrderKind::Home),
    ("居家", OrderKind::Home),
    ("居家隔离医学观察", OrderKind::Home),
    ("居家医学观察", OrderKind::Home),
    ("monitor", OrderKind::Monitor),
    ("健康监测", OrderKind::Monitor),
    ("居家健康监测", OrderKind::Monitor),
    ("居家监测", OrderKind::Monitor),
    ("bubble", OrderKind::Bubble),
    ("闭环", OrderKind::Bubble),
    ("闭环管理", OrderKind::Bubble),
    ("闭环泡泡", OrderKind::Bubble),
];

/// The kind of order that a word names, in small letters.
pub fn kind_of(word: &str) -> Option<OrderKind> {
    KINDS.into_iter().find(|(name, _)| *name == word).map(|(_, kind)| kind)
}

fn parse<'r>(
    record: &Record<'r>,
    moments: &mut Moments<'_, '_, 'r>,
    places: &mut Places,
) -> std::result::Result<(Order, SideNotes<'r>), Bad<'r>> {
    let row: OrderRow<'r> = record.row();
    let person = records::required(row.person_id, "person_id")?.into();
    let kind = records::required(row.kind, "kind")?.to_lowercase();
    let Some(kind) = kind_of(&kind) else {
        return fault("kind", Reason::BadValue, row.kind);
    };
    records::required(row.from, "from")?;
    let start = moments.read(row.from, "from", Bare::Start)?.expect("it is not blank");
    let end = moments.read(row.to, "to", Bare::End)?.unwrap_or(Instant::LAST);
    let Some(span) = Span::new(start, end) else {
        return fault("to", Reason::EndBeforeStart, row.to);
    };
    let place = (!row.place_id.is_empty()).then(|| places.intern(row.place_id));
    Ok((Order { person, kind, span, place, row: record.row }, record.side_notes()))
}

/// Reads the table. Places that `places` lacks are added to it.
///
/// # Errors
/// When a file cannot be read.
pub fn read(
    folder: &Folder,
    settings: &Settings,
    places: &mut Places,
    progress: &dyn Progress,
) -> Result<(Vec<Order>, Account)> {
    let (table, mut orders) = (Table::Orders, Vec::new());
    let account = records::read(folder, table, settings, progress, |record, clock| {
        let mut moments = Moments::new(clock, table, record);
        match parse(record, &mut moments, places) {
            Err(bad) => Verdict::Rejected(bad),
            Ok((order, notes)) => {
                match records::person(settings, &order.person, order.span.start) {
                    None => Verdict::Nobody,
                    Some(person) => {
                        orders.push(Order { person, ..order });
                        notes.verdict()
                    }
                }
            }
        }
    })?;
    orders.sort_by(|a: &Order, b| (&a.person, a.span, a.row).cmp(&(&b.person, b.span, b.row)));
    Ok((orders, account))
}
