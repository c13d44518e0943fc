//! `places`: what is known of the places that stays name. The first row of a place is kept.

use crate::base::datum::Datum;
use crate::base::error::Result;
use crate::base::geo::Coord;
use crate::ingest::account::{Account, Words};
use crate::ingest::contract::Table;
use crate::ingest::folder::Folder;
use crate::ingest::header::notes::Note;
use crate::ingest::rejects::{Fault, Reason};
use crate::ingest::settings::{Progress, Settings};
use crate::ingest::tables::records;
use crate::ingest::tables::records::{Left, Record};
use crate::ingest::tables::stays::datum_of;
use crate::model::{Place, PlaceKind, Places};
use crate::policy::Policy;
use hashbrown::DefaultHashBuilder;
use std::hash::BuildHasher;

/// What a row says of its place; bad cells are blank.
fn place(
    record: &mut Record<'_, '_, '_>,
    places: &mut Places,
    (datum, unit_kinds): (Datum, &[String]),
) -> Place {
    let mut number = |column, least, most| {
        let read = record.number(column, least, most);
        record.or(read, None)
    };
    let (lon, lat) = (number("lon", -180.0, 180.0), number("lat", -90.0, 90.0));
    let radius = number("radius_m", 0.0, f64::MAX);
    let mut truth = |column, blank| {
        let read = record.truth(column, blank);
        record.or(read, blank)
    };
    let (enclosed, dense) = (truth("enclosed", true), truth("dense", false));
    let word = record.text("kind").to_lowercase();
    let kind = match word.as_str() {
        "transport" => PlaceKind::Transport,
        "medical" => PlaceKind::Medical,
        _ => PlaceKind::Other,
    };
    let datum = record.or(datum_of(record.cell("datum"), datum), datum);
    let circle = match (lon, lat, radius) {
        (Some(lon), Some(lat), Some(radius)) => Some((datum.to_wgs84(Coord { lon, lat }), radius)),
        _ => None,
    };
    let [unit, building, compound, county] = ["unit", "building", "compound", "county"]
        .map(|column| places.intern_text(record.text(column)));
    let unit_alone = unit_kinds.contains(&word);
    Place { kind, dense, enclosed, unit, building, compound, county, unit_alone, circle }
}

/// Reads the table.
///
/// # Errors
/// When a file cannot be read.
pub fn read(
    folder: &Folder,
    settings: &Settings,
    policy: &Policy,
    progress: &dyn Progress,
) -> Result<(Places, Account)> {
    let (table, mut places, mut first) = (Table::Places, Places::default(), FirstRows::default());
    let mut kinds = Words::default();
    let datum = settings.datum_of(table);
    let unit_kinds = policy.zone.as_ref().map_or(&[][..], |rules| &rules.unit_kinds);
    places.reserve(records::rows_about(folder, table));
    let (_, mut account) = records::read(folder, table, settings, progress, |record| {
        let id = record.must("place_id")?;
        let place = place(record, &mut places, (datum, unit_kinds));
        first.keep(places.add(id, place), id.as_bytes(), record.raw)?;
        let kind = record.text("kind");
        if like(kind).is_some() {
            kinds.add(record.row, kind);
        }
        Ok(())
    })?;
    account.note(kinds, |kind, places| {
        let like = like(&kind).unwrap_or("transport");
        Note::KindLike { kind, like, places }
    });
    Ok((places, account))
}

/// Words in the kinds of places that a person means by one of the two kinds with a meaning, and
/// that the rules do not take for it.
const LIKE: [(&str, &[&str]); 2] = [
    (
        "transport",
        &["交通", "列车", "高铁", "动车", "火车", "地铁", "公交", "客车", "飞机", "航班", "轮渡"],
    ),
    ("medical", &["医院", "医疗", "诊所", "卫生院", "卫生服务", "hospital", "clinic"]),
];

/// The kind with a meaning that another one is like. Stations and airports are rooms.
fn like(kind: &str) -> Option<&'static str> {
    let (is_station, word) = (kind.ends_with('站') || kind.contains("机场"), kind.to_lowercase());
    let is = |(like, words): &(&str, &[&str])| {
        words.iter().any(|own| word.contains(own)) && !(*like == "transport" && is_station)
    };
    LIKE.into_iter().find(is).map(|(kind, _)| kind)
}

/// Tells a repeat of a kept row from another row with its id, by a hash of each kept row.
///
/// 64 bits decide only whether a dropped row is called a repeat or a reject, never which is kept.
#[derive(Default)]
struct FirstRows {
    hasher: DefaultHashBuilder,
    /// By the number of the kept row.
    rows: Vec<u64>,
}

impl FirstRows {
    fn keep<'a>(
        &mut self,
        kept: std::result::Result<(), u32>,
        id: &'a [u8],
        raw: &[u8],
    ) -> std::result::Result<(), Left<'a>> {
        let row = self.hasher.hash_one(raw);
        match kept {
            Ok(()) => {
                self.rows.push(row);
                Ok(())
            }
            Err(number) if self.rows[number as usize] == row => Err(Left::Repeated),
            Err(_) => {
                let fault = Fault { column: "place_id", reason: Reason::DuplicatePlace };
                Err(Left::Duplicate((fault, id)))
            }
        }
    }
}
