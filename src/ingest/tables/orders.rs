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
use crate::ingest::tables::stays::fault;
use crate::model::Places;
use crate::model::registers::{Order, OrderKind};

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
    let table = Table::Orders;
    let (mut orders, account) = records::read(folder, table, settings, progress, |record| {
        let id = record.must("person_id")?;
        let Some(kind) = kind_of(&record.must("kind")?.to_lowercase()) else {
            return Ok(fault("kind", Reason::BadValue, record.cell("kind"))?);
        };
        let start = record.must_time("from")?;
        let end = record.time("to", Bare::End)?.unwrap_or(Instant::LAST);
        let Some(span) = Span::new(start, end) else {
            return Ok(fault("to", Reason::EndBeforeStart, record.cell("to"))?);
        };
        let place = record.cell("place_id");
        let place = (!place.is_empty()).then(|| places.intern(place));
        let person = records::person(settings, id, start)?;
        Ok(Order { person, kind, span, place, row: record.row })
    })?;
    orders.sort_by(|a: &Order, b| (&a.person, a.span, a.row).cmp(&(&b.person, b.span, b.row)));
    Ok((orders, account))
}
