//! What to look at in the rows: lost files, renamed columns, one id for many, places nobody knows.

use super::{Check, Weight, alike};
use crate::base::time::{Date, Instant, TimeZone};
use crate::ingest::{Folder, Table};
use crate::model::RowRef;
use crate::pipeline::survey::{OfFile, Shape, Survey, Whereabouts, first_of};
use std::collections::BTreeMap;

const SPAN: &str = "the first and the last day of the rows";
const GAP: &str =
    "no row lies on this day, and rows lie on days before and behind it: is a file lost?";
const LOW: &str = "far fewer rows lie on this day than on the others: is a part of it lost?";
const FAR: &str =
    "rows lie far from all others: check the year, and whether times are in milliseconds";
const PARTS: &str = "persons are written otherwise in this file than in the others: numbers for \
     texts, or zeros lost? Then people are not found again";
const OPEN: &str = "stays of this file lack an end, those of other files have one: is its column \
     renamed?";
const BLANK: &str = "this column is blank in this file and filled in the others: is it renamed?";
const PLACES: &str = "places of stays are not in `places`: nothing is known of them, not even their \
     building; is the id written as there?";
const CROWD: &str = "so many people stand at one and the same coordinate: a mast or the middle of a \
     building, where nobody is near anybody";
const COARSE: &str = "positions have three decimals at most: that is a hundred metres, and no \
     closeness";
const LONG: &str = "stays last for days on end: are their ends right?";
const EXCHANGED: &str = "positions lie among the places once longitude and latitude are exchanged, and \
     not as they are: name the columns the other way round";
const TWO: &str = "people are at two places at once: does an id stand for several people, or are \
     times wrong?";
const ANYBODY: &str = "this id is a word for anybody: all who bear it would be one person";

/// People at one coordinate who are too many for a place where people stand.
const CROWDED: usize = 30;
/// How many times fewer is far fewer.
const FAR_FEWER: u64 = 10;
/// Half a year: what lies further from the middle is far.
const FAR_DAYS: i32 = 180;
/// Rows from which on a share means something.
const ENOUGH: u64 = 50;

/// What the rows show.
pub fn checks(folder: &Folder, survey: &Survey<'_>, zone: &TimeZone) -> Vec<Check> {
    let mut checks = Vec::new();
    for table in [Table::Trajectories, Table::Colocations] {
        let files: Vec<(&str, &OfFile)> = folder
            .of(table)
            .filter_map(|file| Some((file.name.as_str(), survey.files.get(&file.number)?)))
            .collect();
        checks.extend(days(table, &files, zone));
        checks.extend(shapes(table, &files));
        checks.extend(ends(table, &files));
        checks.extend(blanks(table, &files));
        checks.extend(coarse(table, &files));
    }
    checks.extend(places(folder, survey));
    checks.extend(crowds(survey));
    checks.extend(exchanged(survey));
    checks.extend(two_places(survey));
    let stays = Table::Trajectories.name();
    checks.extend(survey.anybody.iter().map(|(id, rows)| {
        Check::new("id_of_anybody", stays, Weight::Care, ANYBODY).id(id).count(*rows)
    }));
    if survey.long.1 > 0 {
        let check = Check::new("long_stays", stays, Weight::Know, LONG);
        let (row, count) = survey.long;
        let file = row.map_or("", |row| &folder.files[row.file() as usize].name);
        checks.push(check.at(file, row.map_or(0, RowRef::line)).count(count));
    }
    checks.extend(survey.places_alike.iter().map(|(one, other)| alike::places(one, other)));
    checks.extend(survey.alike.iter().map(|(case, other)| alike::pair(case, other)));
    checks
}

fn shown(day: i32, zone: &TimeZone) -> String {
    zone.show(Instant(i64::from(day) * 86_400)).chars().take(10).collect()
}

/// Days without rows between others, days far below the others, and days far from them.
fn days(table: Table, files: &[(&str, &OfFile)], zone: &TimeZone) -> Vec<Check> {
    let mut days: BTreeMap<i32, u64> = BTreeMap::new();
    let all = files.iter().flat_map(|(_, of)| &of.days);
    all.for_each(|(day, rows)| *days.entry(*day).or_default() += rows);
    let total: u64 = days.values().sum();
    let mut before = 0;
    let middle = days.iter().find(|(_, rows)| {
        before += **rows;
        before * 2 >= total
    });
    let Some((&middle, _)) = middle else { return Vec::new() };
    let is_far = |day: &i32| (day - middle).abs() > FAR_DAYS;
    let mut checks = Vec::new();
    for (name, of) in files {
        if let (Some((first, _)), Some((last, _))) =
            (of.days.first_key_value(), of.days.last_key_value())
        {
            let check = Check::new("days", table.name(), Weight::Know, SPAN);
            let value = format!("{} to {}", shown(*first, zone), shown(*last, zone));
            checks.push(check.value(value).at(*name, 0).count(of.days.values().sum()));
        }
        let far = || of.days.iter().filter(|(day, _)| is_far(day));
        if let Some((day, _)) = far().next() {
            let check = Check::new("dates_far_away", table.name(), Weight::Care, FAR);
            let count = far().map(|(_, rows)| rows).sum();
            checks.push(check.value(shown(*day, zone)).at(*name, 0).count(count));
        }
    }
    days.retain(|day, _| !is_far(day));
    let odd = odd_days(&days);
    let check = |(day, rows): (i32, u64), name: &str| {
        let (check, what) =
            if rows == 0 { ("day_without_rows", GAP) } else { ("day_of_few_rows", LOW) };
        let value = Date(day).to_string();
        let check = Check::new(check, table.name(), Weight::Care, what);
        check.value(value).at(name, 0).count(rows)
    };
    checks.extend(odd.iter().map(|&odd| check(odd, "")));
    // Parts that are one day each have no odd days.
    for (name, of) in files.iter().filter(|_| files.len() > 1) {
        let mut own = of.days.clone();
        own.retain(|day, _| !is_far(day));
        let told = |(day, _): &(i32, u64)| odd.iter().any(|(other, _)| other == day);
        let own = odd_days(&own).into_iter().filter(|day| !told(day));
        checks.extend(own.map(|odd| check(odd, name)));
    }
    checks
}

/// Days between others on which no row lies, or far fewer than on the others.
fn odd_days(days: &BTreeMap<i32, u64>) -> Vec<(i32, u64)> {
    let mut counts: Vec<u64> = days.values().copied().collect();
    counts.sort_unstable();
    let median = counts.get(counts.len() / 2).copied().unwrap_or(0);
    let (Some((&first, _)), Some((&last, _))) = (days.first_key_value(), days.last_key_value())
    else {
        return Vec::new();
    };
    if days.len() < 4 || median < ENOUGH {
        return Vec::new();
    }
    let rows = |day: i32| (day, days.get(&day).copied().unwrap_or(0));
    (first + 1..last).map(rows).filter(|(_, rows)| rows * FAR_FEWER < median).collect()
}

/// Files whose ids look otherwise than those of the others.
fn shapes(table: Table, files: &[(&str, &OfFile)]) -> Vec<Check> {
    let share = |of: &OfFile, is: &dyn Fn(&Shape) -> bool| {
        let all: u64 = of.shapes.values().sum();
        let some = of.shapes.iter().filter(|(shape, _)| is(shape)).map(|(_, rows)| rows);
        some.sum::<u64>() as f64 / all.max(1) as f64
    };
    let letters = |of: &OfFile| share(of, &|(_, letters, _)| *letters);
    let zeros = |of: &OfFile| share(of, &|(_, _, zero)| *zero);
    let odd = |kind: &dyn Fn(&OfFile) -> f64| -> Vec<Check> {
        let mut shares: Vec<f64> = files.iter().map(|(_, of)| kind(of)).collect();
        shares.sort_by(f64::total_cmp);
        let Some(&median) = shares.get(shares.len() / 2).filter(|_| files.len() > 1) else {
            return Vec::new();
        };
        let odd = files.iter().filter(|(_, of)| (kind(of) - median).abs() > 0.5);
        let check = |(name, of): &(&str, &OfFile)| {
            let check = Check::new("ids_change_shape", table.name(), Weight::Care, PARTS);
            check.at(*name, 0).count(of.shapes.values().sum())
        };
        odd.map(check).collect()
    };
    let mut checks = odd(&letters);
    checks.extend(odd(&zeros));
    checks
}

/// Files whose stays lack the ends that those of the others have.
fn ends(table: Table, files: &[(&str, &OfFile)]) -> Vec<Check> {
    let all_open = |of: &OfFile| of.stays > 0 && of.open == of.stays && of.at_place > 0;
    let some_closed = files.iter().any(|(_, of)| of.open * 2 < of.stays);
    let odd = files.iter().filter(|(_, of)| some_closed && all_open(of));
    let check = |(name, of): &(&str, &OfFile)| {
        let check = Check::new("ends_missing", table.name(), Weight::Care, OPEN);
        check.at(*name, 0).count(of.stays)
    };
    odd.map(check).collect()
}

/// Files in which a column is blank that the others fill.
fn blanks(table: Table, files: &[(&str, &OfFile)]) -> Vec<Check> {
    type Filled = fn(&OfFile) -> u64;
    let columns: [(&str, Filled); 2] =
        [("place_id", |of| of.at_place), ("seat_row", |of| of.seated)];
    let files: Vec<_> = files.iter().filter(|(_, of)| of.stays >= ENOUGH).collect();
    let mut checks = Vec::new();
    for (column, filled) in columns {
        let is_filled = |of: &OfFile| filled(of) * 2 > of.stays;
        let most = files.iter().filter(|(_, of)| is_filled(of)).count() * 2 > files.len();
        let odd = files.iter().filter(|(_, of)| most && filled(of) == 0);
        checks.extend(odd.map(|(name, of)| {
            let check = Check::new("column_blank_in_part", table.name(), Weight::Care, BLANK);
            check.value(column).at(*name, 0).count(of.stays)
        }));
    }
    checks
}

fn coarse(table: Table, files: &[(&str, &OfFile)]) -> Option<Check> {
    let sum = |of: &dyn Fn(&OfFile) -> u64| files.iter().map(|(_, file)| of(file)).sum::<u64>();
    let (coarse, positions) = (sum(&|of| of.coarse), sum(&|of| of.stays - of.at_place));
    let check = Check::new("positions_coarse", table.name(), Weight::Care, COARSE);
    (positions >= ENOUGH && coarse * 2 > positions).then(|| check.count(coarse))
}

/// Stays at places that the table of places lacks.
fn places(folder: &Folder, survey: &Survey<'_>) -> Option<Check> {
    folder.of(Table::Places).next()?;
    let stays: u64 = survey.files.values().map(|of| of.at_place).sum();
    if survey.unknown_stays == 0 {
        return None;
    }
    let many = survey.unknown_stays * 20 > stays;
    let weight = if many { Weight::Care } else { Weight::Know };
    let check = Check::new("places_unknown", Table::Places.name(), weight, PLACES);
    let value =
        format!("{} places, {} of {stays} stays", survey.unknown.len(), survey.unknown_stays);
    Some(check.value(value).count(survey.unknown_stays))
}

/// Positions that lie among the places once longitude and latitude are exchanged, and not before.
fn exchanged(survey: &Survey<'_>) -> Option<Check> {
    let positions: u64 = survey.files.values().map(|of| of.stays - of.at_place).sum();
    let check =
        Check::new("lon_lat_exchanged", Table::Trajectories.name(), Weight::Care, EXCHANGED);
    (survey.exchanged > 0 && survey.exchanged * 2 > positions)
        .then(|| check.count(survey.exchanged))
}

fn crowds(survey: &Survey<'_>) -> Vec<Check> {
    let crowded = survey.coordinates.iter().filter(|(_, people)| people.len() >= CROWDED);
    let mut found: Vec<_> = crowded
        .map(|(bits, people)| {
            let [lon, lat] = bits.map(f64::from_bits);
            (std::cmp::Reverse(people.len() as u64), format!("{lon},{lat}"))
        })
        .collect();
    found.sort();
    let table = Table::Trajectories.name();
    let check = |(people, at): (std::cmp::Reverse<u64>, String)| {
        Check::new("one_coordinate", table, Weight::Care, CROWD).value(at).count(people.0)
    };
    found.into_iter().take(10).map(check).collect()
}

/// Whether somebody is at two places at once: whether stays at different places overlap.
fn is_at_two(seen: &Whereabouts) -> bool {
    let mut seen = seen.clone();
    first_of(&mut seen);
    let mut latest: Option<(Instant, u64)> = None;
    seen.into_iter().any(|(span, place)| {
        let both = latest.is_some_and(|(end, other)| span.start < end && other != place);
        if latest.is_none_or(|(end, _)| span.end > end) {
            latest = Some((span.end, place));
        }
        both
    })
}

fn two_places(survey: &Survey<'_>) -> Option<Check> {
    let mut odd: Vec<&[u8]> = Vec::new();
    for (person, seen) in survey.persons.iter() {
        if is_at_two(seen) {
            odd.push(person);
        }
    }
    let all = survey.persons.iter().len();
    odd.sort_unstable();
    let first = String::from_utf8_lossy(odd.first()?).into_owned();
    let weight = if odd.len() * 20 > all { Weight::Care } else { Weight::Know };
    let check = Check::new("two_places_at_once", Table::Trajectories.name(), weight, TWO);
    Some(check.id(first).value(format!("{} of {all} people", odd.len())).count(odd.len() as u64))
}
