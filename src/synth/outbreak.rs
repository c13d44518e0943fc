//! Who infects whom, where and when; and when each is found out.
//!
//! Day by day: the stays of those who are infectious, by place; then everybody's stays against
//! them. O(days × persons), in parallel; the draw of each meeting depends on nothing but the
//! meeting.

use super::city::{City, Spot};
use super::days::{self, Doing};
use super::{Dice, draw};
use rayon::prelude::*;
use std::collections::{BTreeMap, HashMap};

const DAY: i64 = 86_400;
const SEEDS: u64 = 6;
const COURSE: u64 = 7;
const MEETING: u64 = 8;

/// An infection and its course. Times are local seconds from 00:00 of the first day.
#[derive(Debug, Clone, Copy)]
pub struct Infection {
    /// By whom; nobody for those who brought it into the city.
    pub infector: Option<u32>,
    /// Where.
    pub spot: Option<Spot>,
    /// When.
    pub at: i64,
    /// The day of onset, unless there are no symptoms.
    pub onset: Option<i64>,
    /// Infectious from then until isolation.
    pub infectious: i64,
    /// When the first positive sample is taken.
    pub sampled: i64,
    /// When the case is confirmed.
    pub confirmed: i64,
    /// When the case is isolated; it leaves no rows from then on.
    pub isolated: i64,
}

/// Everybody infected.
#[derive(Debug)]
pub struct Outbreak {
    /// By person.
    pub infections: BTreeMap<u32, Infection>,
}

/// Chance of infection a minute, in millionths, with somebody infectious in the same place.
fn rate(spot: Spot) -> f64 {
    match spot {
        Spot::Home(_) => 260.0,
        Spot::Work(_) | Spot::Class(_) => 6.0,
        Spot::Restaurant(_) => 200.0,
        Spot::Market(_) => 10.0,
        Spot::Shop(_) => 100.0,
        Spot::Hospital(_) => 60.0,
        Spot::Carriage(_) => 150.0,
        Spot::Park(_) => 0.0,
    }
}

fn course(
    city: &City,
    person: u32,
    infector: Option<u32>,
    spot: Option<Spot>,
    at: i64,
) -> Infection {
    let mut dice = Dice::new(city.seed, COURSE, person.into(), 0);
    let day = at / DAY + 2 + dice.roll(3) as i64;
    let symptoms = !dice.chance(20);
    let delay = dice.roll(2) as i64 * DAY;
    let sampled = day * DAY + delay + 28_800 + dice.roll(600) as i64 * 60;
    let confirmed = sampled + (4 + dice.roll(12) as i64) * 3600;
    let isolated = confirmed + dice.roll(300) as i64 * 60;
    let anchor = if symptoms { day } else { sampled / DAY };
    let infectious = ((anchor - 2) * DAY).max(at + DAY / 2);
    let onset = symptoms.then_some(day * DAY);
    Infection { infector, spot, at, onset, infectious, sampled, confirmed, isolated }
}

impl Outbreak {
    /// Lets an infection spread for some days.
    pub fn spread(city: &City, days: u16) -> Outbreak {
        let mut infections = BTreeMap::new();
        for seed in 0..u64::from((city.persons / 10_000).max(3)) {
            let mut dice = Dice::new(city.seed, SEEDS, seed, 0);
            let person = dice.roll(city.persons.into()) as u32;
            let at = dice.roll(DAY as u64) as i64 - DAY;
            infections.insert(person, course(city, person, None, None, at));
        }
        let mut outbreak = Outbreak { infections };
        for day in 0..days {
            let fresh = outbreak.day(city, day, days);
            outbreak.infections.extend(fresh);
        }
        outbreak
    }

    /// A person's stays on a day, as long as they are not isolated.
    pub fn doings(
        &self,
        city: &City,
        person: u32,
        day: u16,
        days: u16,
        mut each: impl FnMut(Doing),
    ) {
        let until = self.infections.get(&person).map_or(i64::MAX, |infection| infection.isolated);
        days::day(city, person, day, days, |mut doing| {
            doing.end = doing.end.min(until);
            if doing.start < doing.end {
                each(doing);
            }
        });
    }

    /// Who is infected on a day.
    fn day(&self, city: &City, day: u16, days: u16) -> Vec<(u32, Infection)> {
        let (start, end) = (i64::from(day) * DAY, i64::from(day + 1) * DAY);
        let mut sources: HashMap<Spot, Vec<(u32, Doing)>> = HashMap::new();
        for (&person, infection) in &self.infections {
            if infection.infectious < end + DAY / 2 && infection.isolated > start {
                self.doings(city, person, day, days, |mut doing| {
                    doing.start = doing.start.max(infection.infectious);
                    if doing.start < doing.end && rate(doing.spot) > 0.0 {
                        sources.entry(doing.spot).or_default().push((person, doing));
                    }
                });
            }
        }
        if sources.is_empty() {
            return Vec::new();
        }
        let infected = |person: u32| {
            if self.infections.contains_key(&person) {
                return None;
            }
            let mut first: Option<(i64, u32, Spot)> = None;
            days::day(city, person, day, days, |doing| {
                for (infector, other) in sources.get(&doing.spot).into_iter().flatten() {
                    if let Some(at) = meeting(city, *infector, other, person, &doing) {
                        let this = (at, *infector, doing.spot);
                        first = Some(first.map_or(this, |first| first.min(this)));
                    }
                }
            });
            let (at, infector, spot) = first?;
            Some((person, course(city, person, Some(infector), Some(spot), at)))
        };
        (0..city.persons).into_par_iter().filter_map(infected).collect()
    }
}

/// When a meeting infects, if it does.
fn meeting(city: &City, infector: u32, theirs: &Doing, person: u32, ours: &Doing) -> Option<i64> {
    let (start, end) = (theirs.start.max(ours.start), theirs.end.min(ours.end));
    if start >= end || ours.protected {
        return None;
    }
    if let (Some(a), Some(b)) = (theirs.seat_row, ours.seat_row)
        && a.abs_diff(b) > 3
    {
        return None;
    }
    let minutes = (end - start) as f64 / 60.0;
    let chance = 1.0 - (-minutes * rate(ours.spot) / 1e6).exp();
    let drawn =
        draw(city.seed, MEETING, (u64::from(infector) << 32) | u64::from(person), start as u64);
    let infects = ((drawn >> 11) as f64) < chance * (1u64 << 53) as f64;
    infects.then_some(start + (end - start) / 2)
}
