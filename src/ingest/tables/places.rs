//! `places`: what is known of the places that stays name. The first row of a place is kept.

use crate::base::datum::Datum;
use crate::base::error::Result;
use crate::base::geo::Coord;
use crate::ingest::account::Account;
use crate::ingest::contract::Table;
use crate::ingest::folder::Folder;
use crate::ingest::header::notes::Note;
use crate::ingest::rejects::{Fault, Reason};
use crate::ingest::settings::{Progress, Settings};
use crate::ingest::tables::records;
use crate::ingest::tables::records::{Record, SideNotes, Verdict};
use crate::ingest::tables::stays::{Bad, datum_of, number, truth};
use crate::model::{Place, PlaceKind, Places};
use crate::policy::Policy;
use hashbrown::DefaultHashBuilder;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::hash::BuildHasher;

#[derive(Deserialize, Default)]
#[serde(default)]
struct PlaceRow<'a> {
    place_id: &'a [u8],
    kind: &'a [u8],
    unit: &'a [u8],
    building: &'a [u8],
    compound: &'a [u8],
    county: &'a [u8],
    lon: &'a [u8],
    lat: &'a [u8],
    radius_m: &'a [u8],
    datum: &'a [u8],
    enclosed: &'a [u8],
    dense: &'a [u8],
}

fn parse<'r>(
    record: &Record<'r>,
    places: &mut Places,
    (datum, unit_kinds): (Datum, &[String]),
) -> std::result::Result<(&'r [u8], Place, SideNotes<'r>), Bad<'r>> {
    let row: PlaceRow<'r> = record.row();
    records::required(row.place_id, "place_id")?;
    let mut notes = record.side_notes();
    let lon = notes.or(number(row.lon, "lon", -180.0, 180.0), None);
    let lat = notes.or(number(row.lat, "lat", -90.0, 90.0), None);
    let radius = notes.or(number(row.radius_m, "radius_m", 0.0, f64::MAX), None);
    let enclosed = notes.or(truth(row.enclosed, "enclosed", true), true);
    let dense = notes.or(truth(row.dense, "dense", false), false);
    let word = records::text(row.kind).to_lowercase();
    let kind = match word.as_str() {
        "transport" => PlaceKind::Transport,
        "medical" => PlaceKind::Medical,
        _ => PlaceKind::Other,
    };
    let datum = notes.or(datum_of(row.datum, datum), datum);
    let circle = match (lon, lat, radius) {
        (Some(lon), Some(lat), Some(radius)) => Some((datum.to_wgs84(Coord { lon, lat }), radius)),
        _ => None,
    };
    let [unit, building, compound, county] = [row.unit, row.building, row.compound, row.county]
        .map(|cell| places.intern_text(records::text(cell)));
    let unit_alone = unit_kinds.contains(&word);
    let place =
        Place { kind, dense, enclosed, unit, building, compound, county, unit_alone, circle };
    Ok((row.place_id, place, notes))
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
    let mut places = Places::default();
    let mut first = FirstRows::default();
    let mut kinds: BTreeMap<(String, &'static str), u64> = BTreeMap::new();
    let datum = settings.datum_of(Table::Places);
    let unit_kinds = policy.zone.as_ref().map_or(&[][..], |rules| &rules.unit_kinds);
    places.reserve(records::rows_about(folder, Table::Places));
    let mut account = records::read(folder, Table::Places, settings, progress, |record, _| {
        let kind = records::text(record.row::<PlaceRow<'_>>().kind);
        if let Some(like) = like(kind) {
            *kinds.entry((kind.to_owned(), like)).or_default() += 1;
        }
        match parse(record, &mut places, (datum, unit_kinds)) {
            Err(bad) => Verdict::Rejected(bad),
            Ok((id, place, notes)) => {
                let kept = places.add(records::text(id), place);
                first.verdict(kept, id, record.raw, notes)
            }
        }
    })?;
    let of_kind = |((kind, like), places)| Note::KindLike { kind, like, places };
    account.note(kinds.into_iter().map(of_kind));
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
    let is_room = kind.contains('站') || kind.contains("机场");
    let says = |words: &[&str]| words.iter().any(|word| kind.to_lowercase().contains(word));
    LIKE.into_iter().find(|(_, words)| !is_room && says(words)).map(|(kind, _)| kind)
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
    fn verdict<'a>(
        &mut self,
        kept: std::result::Result<(), u32>,
        id: &'a [u8],
        raw: &[u8],
        notes: SideNotes<'a>,
    ) -> Verdict<'a> {
        let row = self.hasher.hash_one(raw);
        match kept {
            Ok(()) => {
                self.rows.push(row);
                notes.verdict()
            }
            Err(number) if self.rows[number as usize] == row => Verdict::Repeated,
            Err(_) => Verdict::Duplicate((
                Fault { column: "place_id", reason: Reason::DuplicatePlace },
                id,
            )),
        }
    }
}
