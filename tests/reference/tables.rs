//! The tables of a slow analysis, as text.

use super::slow::{Hit, Known, Pair, Stay, date, is_weak, union};
use std::collections::{BTreeMap, BTreeSet};

fn row(cells: &[String]) -> String {
    // No cell of these worlds needs quoting.
    cells.join(",")
}

fn joined(set: BTreeSet<String>) -> String {
    set.into_iter().collect::<Vec<_>>().join(";")
}

fn bases<'a>(hits: impl Iterator<Item = &'a Hit>) -> String {
    joined(hits.map(|hit| hit.basis.to_owned()).collect())
}

fn places<'a>(hits: impl Iterator<Item = &'a Hit>) -> String {
    joined(hits.filter_map(|hit| hit.place.clone()).collect())
}

type Area = (String, Vec<String>);

/// A case at a place inside its window.
#[derive(Debug, Clone, Copy)]
struct Own<'o> {
    case: &'o String,
    place: &'o String,
    start: i64,
    end: i64,
    date_only: bool,
}

pub struct Zone {
    pub id: String,
    pub level: &'static str,
    pub area: Area,
    pub bases: BTreeSet<String>,
    pub cases: BTreeSet<String>,
    pub risk_from: i64,
    pub downgrade: i64,
    pub high: bool,
}

impl Known<'_> {
    /// Everybody who is no case, with their pairs.
    fn others(&self) -> BTreeMap<String, Vec<(&String, &Pair)>> {
        let mut others: BTreeMap<String, Vec<_>> = BTreeMap::new();
        for ((case, person), pair) in &self.pairs {
            if !self.cases.contains_key(person) {
                others.entry(person.clone()).or_default().push((case, pair));
            }
        }
        others
    }

    pub fn close(&self) -> BTreeMap<String, Vec<(&String, &Pair)>> {
        let mut close = self.others();
        close.values_mut().for_each(|pairs| pairs.retain(|(_, pair)| pair.qualifies));
        close.retain(|_, pairs| !pairs.is_empty());
        close
    }

    fn venue_exposed(&self) -> BTreeMap<String, Vec<(&String, &Pair)>> {
        let mut others = self.others();
        others.retain(|_, pairs| pairs.iter().all(|(_, pair)| !pair.qualifies));
        others
    }

    pub fn links(&self) -> Vec<(&String, &String, &Pair)> {
        let both =
            self.pairs.iter().filter(|((_, p), pair)| pair.qualifies && self.cases.contains_key(p));
        both.map(|((a, b), pair)| (a, b, pair)).collect()
    }

    pub fn contacts(&self) -> Vec<String> {
        let close = self.close();
        let strength = |person: &String| {
            let pairs = &close[person];
            let household = pairs.iter().any(|(_, pair)| pair.household);
            let seconds: i64 = pairs.iter().map(|(_, pair)| pair.seconds).sum();
            (!household, -seconds, -(pairs.len() as i64), person.clone())
        };
        let mut ranked: Vec<&String> = close.keys().collect();
        ranked.sort_by_key(|person| strength(person));
        let rank = |person: &String| ranked.iter().position(|p| *p == person).unwrap() + 1;
        close
            .iter()
            .map(|(person, pairs)| {
                let hits = || pairs.iter().flat_map(|(_, pair)| &pair.hits);
                row(&[
                    person.clone(),
                    rank(person).to_string(),
                    pairs.len().to_string(),
                    pairs.iter().map(|(case, _)| case.as_str()).collect::<Vec<_>>().join(";"),
                    self.time.show(pairs.iter().map(|(_, p)| p.first).min().unwrap()),
                    self.time.show(pairs.iter().map(|(_, p)| p.last).max().unwrap()),
                    (pairs.iter().map(|(_, p)| p.seconds).sum::<i64>() / 60).to_string(),
                    (pairs.iter().map(|(_, p)| p.peak).max().unwrap() / 60).to_string(),
                    bases(hits()),
                    places(hits()),
                ])
            })
            .collect()
    }

    pub fn exposures(&self) -> Vec<String> {
        let close = self.close();
        let mut rows: Vec<(&String, &String, &Pair)> = Vec::new();
        for (person, pairs) in &close {
            rows.extend(pairs.iter().map(|(case, pair)| (*case, person, *pair)));
        }
        rows.sort_by_key(|&(case, person, _)| (case, person));
        rows.into_iter()
            .map(|(case, person, p)| {
                row(&[
                    case.clone(),
                    person.clone(),
                    self.time.show(p.first),
                    self.time.show(p.last),
                    p.seconds.to_string(),
                    p.peak.to_string(),
                    p.encounters.to_string(),
                    bases(p.hits.iter()),
                    places(p.hits.iter()),
                ])
            })
            .collect()
    }

    pub fn evidence(&self) -> Vec<String> {
        let mut rows: Vec<Vec<String>> = Vec::new();
        for ((case, person), pair) in &self.pairs {
            let said = |hit: &Hit| (hit.basis, hit.place.clone(), hit.start, hit.end);
            let mut hits: Vec<&Hit> = pair.hits.iter().collect();
            hits.sort_by_key(|hit| (said(hit), hit.rows.clone()));
            hits.dedup_by_key(|hit| said(hit));
            for hit in hits {
                rows.push(vec![
                    case.clone(),
                    person.clone(),
                    hit.basis.to_owned(),
                    hit.place.clone().unwrap_or_default(),
                    self.time.show(hit.start),
                    self.time.show(hit.end),
                    hit.rows.0.clone(),
                    hit.rows.1.clone(),
                ]);
            }
        }
        rows.sort();
        rows.iter().map(|cells| row(cells)).collect()
    }

    pub fn link_rows(&self) -> Vec<String> {
        self.links()
            .into_iter()
            .map(|(a, b, p)| {
                row(&[
                    a.clone(),
                    b.clone(),
                    self.time.show(p.first),
                    self.time.show(p.last),
                    p.seconds.to_string(),
                    p.peak.to_string(),
                    bases(p.hits.iter()),
                    places(p.hits.iter()),
                    (self.cases[b].anchor - self.cases[a].anchor).to_string(),
                ])
            })
            .collect()
    }

    pub fn venue_rows(&self) -> Vec<String> {
        self.venue_exposed()
            .iter()
            .map(|(person, pairs)| {
                let hits = || pairs.iter().flat_map(|(_, pair)| &pair.hits);
                row(&[
                    person.clone(),
                    pairs.len().to_string(),
                    pairs.iter().map(|(case, _)| case.as_str()).collect::<Vec<_>>().join(";"),
                    self.time.show(pairs.iter().map(|(_, p)| p.last_any).max().unwrap()),
                    (pairs.iter().map(|(_, p)| p.seconds).sum::<i64>() / 60).to_string(),
                    bases(hits()),
                    places(hits()),
                ])
            })
            .collect()
    }

    pub fn area(&self, place: &str) -> Area {
        let p = self.place(place);
        let address = |parts: &[&String]| parts.iter().map(|s| (*s).clone()).collect();
        match (p.building.is_empty(), p.unit.is_empty()) {
            (true, _) => ("place".into(), vec![place.to_owned()]),
            (_, true) => ("building".into(), address(&[&p.county, &p.compound, &p.building])),
            _ => ("unit".into(), address(&[&p.county, &p.compound, &p.building, &p.unit])),
        }
    }

    fn building(area: &Area) -> Option<Area> {
        (area.0 != "place").then(|| ("building".into(), area.1[..3].to_vec()))
    }

    pub fn inside(&self, place: &str, zone: &Area) -> bool {
        let area = self.area(place);
        area == *zone || Known::building(&area).as_ref() == Some(zone)
    }

    pub fn lives(&self, case: &str) -> Option<String> {
        if let Some(recorded) = self.residence(case) {
            return Some(recorded);
        }
        let mut nights: BTreeMap<&String, Vec<(i64, i64)>> = BTreeMap::new();
        let own = self.stays.iter().filter(|stay| stay.person == case && !stay.date_only);
        for stay in own {
            for day in self.time.day(stay.start)..=self.time.day(stay.end) {
                let start = stay.start.max(self.time.midnight(day));
                let end = stay.end.min(self.time.hour(day, 6));
                for place in stay.places.iter().filter(|_| start < end) {
                    nights.entry(place).or_default().push((start, end));
                }
            }
        }
        let seconds =
            |spans: &Vec<(i64, i64)>| -> i64 { union(spans).iter().map(|(a, b)| b - a).sum() };
        let best = nights.iter().map(|(place, spans)| (-seconds(spans), (*place).clone())).min()?;
        (-best.0 >= 3 * 3600).then_some(best.1)
    }

    /// The cases' stays at places inside their windows.
    fn own(&self) -> Vec<Own<'_>> {
        let mut own = Vec::new();
        for stay in &self.stays {
            let Some(case) = self.cases.get(&stay.person) else { continue };
            let (start, end) = (stay.start.max(case.window.0), stay.end.min(case.window.1));
            if start < end {
                let (case, date_only) = (&stay.person, stay.date_only);
                let at = |place| Own { case, place, start, end, date_only };
                own.extend(stay.places.iter().map(at));
            }
        }
        own
    }

    /// How many days and minutes each case was at some of these.
    fn attendance<'o>(&self, own: &[Own<'o>]) -> BTreeMap<&'o String, (usize, i64)> {
        let mut found = BTreeMap::new();
        for case in own.iter().map(|o| o.case) {
            let of_case: Vec<_> = own.iter().filter(|o| o.case == case).collect();
            let mut days = BTreeSet::new();
            for o in &of_case {
                days.extend(self.time.day(o.start)..=self.time.day(o.end - 1));
            }
            let timed = of_case.iter().filter(|o| !o.date_only);
            let spans: Vec<_> = timed.map(|o| (o.start, o.end)).collect();
            let seconds: i64 = union(&spans).iter().map(|(a, b)| b - a).sum();
            found.insert(case, (days.len(), seconds / 60));
        }
        found
    }

    /// Whether a residence has more people than a household, and no building.
    fn is_too_wide(&self, home: &str) -> bool {
        let persons = self.world.persons.iter();
        let there = persons.filter(|p| p.residence.as_deref() == Some(home)).count();
        let most = self.policy.exposure.household_max;
        most.is_some_and(|most| there > most as usize) && self.place(home).building.is_empty()
    }

    /// Distinct close contacts and onward links with a real match at one of the places.
    fn spread(&self, at: &dyn Fn(&str) -> bool) -> (usize, usize) {
        let met = |pair: &Pair| {
            let real = pair.hits.iter().filter(|h| h.basis != "household" && !is_weak(h));
            real.filter_map(|hit| hit.place.as_deref()).any(at)
        };
        let close = self.close();
        let contacts = close.values().filter(|pairs| pairs.iter().any(|(_, p)| met(p))).count();
        let links = self.links();
        let later = |a: &String, b: &String| self.cases[b].anchor > self.cases[a].anchor;
        (contacts, links.iter().filter(|(a, b, p)| later(a, b) && met(p)).count())
    }

    pub fn zones(&self, expand: bool) -> Vec<Zone> {
        let Some(rules) = &self.policy.zone else { return Vec::new() };
        type Draft = (BTreeSet<String>, BTreeSet<String>);
        let mut drafts: BTreeMap<Area, Draft> = BTreeMap::new();
        for case in self.cases.values() {
            if let Some(home) = self.lives(&case.id).filter(|home| !self.is_too_wide(home)) {
                let draft = drafts.entry(self.area(&home)).or_default();
                draft.0.insert("residence".into());
                draft.1.insert(case.id.clone());
            }
        }
        let homes: BTreeSet<String> = self.cases.keys().filter_map(|c| self.residence(c)).collect();
        let active = |place: &str| {
            let kind = self.place(place).kind;
            kind != "transport" && kind != "medical" && !homes.contains(place)
        };
        let own = self.own();
        let areas: BTreeSet<Area> =
            own.iter().filter(|o| active(o.place)).map(|o| self.area(o.place)).collect();
        for area in areas {
            let here = |o: &&Own<'_>| active(o.place) && self.area(o.place) == area;
            let there: Vec<_> = own.iter().filter(here).copied().collect();
            let of_cases = self.attendance(&there).into_iter();
            let often = |(_, (days, minutes)): &(&String, (usize, i64))| {
                *days >= rules.min_days as usize || *minutes >= rules.min_minutes as i64
            };
            let frequenting: Vec<String> =
                of_cases.filter(often).map(|(case, _)| case.clone()).collect();
            let (contacts, secondary) = self.spread(&|p| active(p) && self.area(p) == area);
            let risky = contacts >= rules.min_contacts as usize
                || secondary >= rules.min_secondary as usize;
            if !frequenting.is_empty() && risky {
                let draft = drafts.entry(area).or_default();
                draft.0.insert("activity".into());
                draft.1.extend(frequenting);
            }
        }
        let mut wholes: BTreeMap<Area, Draft> = BTreeMap::new();
        for (area, draft) in &drafts {
            let building = Known::building(area).filter(|_| area.0 == "unit");
            let units = drafts
                .iter()
                .filter(|(a, d)| {
                    a.0 == "unit" && Known::building(a) == building && d.0.contains("residence")
                })
                .count();
            let escalated = units >= rules.building_units as usize;
            match building {
                Some(whole) if expand || escalated || drafts.contains_key(&whole) => {
                    let raised = wholes.entry(whole).or_default();
                    raised.0.extend(draft.0.iter().cloned());
                    raised.0.extend(expand.then(|| "expanded".to_owned()));
                    raised.0.extend(escalated.then(|| "escalated".to_owned()));
                    raised.1.extend(draft.1.iter().cloned());
                }
                _ => {
                    let kept = wholes.entry(area.clone()).or_default();
                    kept.0.extend(draft.0.iter().cloned());
                    kept.1.extend(draft.1.iter().cloned());
                }
            }
        }
        let zone = |(area, (bases, cases)): (Area, Draft)| {
            let lives_here = |case: &&String| {
                let home = self.lives(case).filter(|home| !self.is_too_wide(home));
                home.is_some_and(|home| self.inside(&home, &area))
            };
            let windows = cases.iter().filter(lives_here).map(|case| self.cases[case].window.0);
            let here = own.iter().filter(|o| cases.contains(o.case) && self.inside(o.place, &area));
            let risk_from = windows.chain(here.map(|o| o.start)).min().unwrap();
            let part = |s: &String| if s.is_empty() { "-".to_owned() } else { s.clone() };
            let (level, id) = match area.0.as_str() {
                "place" => ("place", format!("place:{}", area.1[0])),
                "unit" => ("unit", area.1.iter().map(part).collect::<Vec<_>>().join("/")),
                _ => ("building", area.1.iter().map(part).collect::<Vec<_>>().join("/")),
            };
            let last = cases.iter().map(|c| self.time.day(self.cases[c].confirmed)).max().unwrap();
            let downgrade = last + i64::from(rules.downgrade_days) + 1;
            let high = self.as_of < self.time.midnight(downgrade);
            Zone { id, level, area, bases, cases, risk_from, downgrade, high }
        };
        let mut zones: Vec<Zone> = wholes.into_iter().map(zone).collect();
        zones.sort_by(|a, b| a.id.cmp(&b.id));
        zones
    }

    pub fn zone_rows(&self, zones: &[Zone]) -> Vec<String> {
        let own = self.own();
        let mut rows = Vec::new();
        let Some(rules) = &self.policy.zone else { return Vec::new() };
        for zone in zones {
            let here = |place: &str| self.inside(place, &zone.area);
            let there: Vec<_> = own.iter().filter(|o| here(o.place)).copied().collect();
            let attendance = self.attendance(&there);
            let days = attendance.values().map(|of| of.0).max().unwrap_or(0);
            let minutes = attendance.values().map(|of| of.1).max().unwrap_or(0);
            let (contacts, secondary) = self.spread(&here);
            let residents = self.world.persons.iter();
            let residents = residents.filter(|p| p.residence.as_ref().is_some_and(|r| here(r)));
            let mut address = zone.area.1.clone();
            let mut place = String::new();
            if zone.level == "place" {
                let known = self.place(&zone.area.1[0]);
                place = zone.area.1[0].clone();
                address = vec![known.county, known.compound];
            }
            address.resize(4, String::new());
            let first = zone.cases.iter().map(|c| self.cases[c].confirmed).min().unwrap();
            let announce = rules.announce_hours;
            let mut cells = vec![zone.id.clone(), zone.level.into()];
            cells.push(if zone.high { "high" } else { "low" }.into());
            cells.extend(address);
            cells.extend([
                place,
                joined(zone.bases.clone()),
                zone.cases.len().to_string(),
                joined(zone.cases.clone()),
                days.to_string(),
                minutes.to_string(),
                contacts.to_string(),
                secondary.to_string(),
                residents.count().to_string(),
                self.visitors(zone, zone.risk_from).len().to_string(),
                self.time.show(zone.risk_from),
                date(zone.downgrade - i64::from(rules.downgrade_days) - 1),
                date(zone.downgrade),
                announce.map(|h| self.time.show(first + 3600 * i64::from(h))).unwrap_or_default(),
            ]);
            rows.push(cells);
        }
        let counties: BTreeSet<String> = rows
            .iter()
            .filter(|r| r[2] == "high" && !r[3].is_empty())
            .map(|r| r[3].clone())
            .collect();
        for county in counties {
            let mut cells = vec![String::new(); 21];
            cells[0] = format!("county:{county}");
            (cells[1], cells[2], cells[3]) = ("county".into(), "low".into(), county);
            rows.push(cells);
        }
        rows.sort();
        rows.iter().map(|cells| row(cells)).collect()
    }

    /// Persons, no cases, with a stay in the zone that ends after `since`: the last one of each,
    /// and where.
    fn visitors(&self, zone: &Zone, since: i64) -> BTreeMap<&String, (&Stay, &String)> {
        let mut last: BTreeMap<&String, (&Stay, &String)> = BTreeMap::new();
        for stay in &self.stays {
            for place in stay.places.iter().filter(|place| self.inside(place, &zone.area)) {
                if stay.end <= since || self.cases.contains_key(&stay.person) {
                    continue;
                }
                let key = |stay: &Stay, place: &String| {
                    (-stay.end, stay.start, place.clone(), stay.line.to_string())
                };
                let kept = last.entry(&stay.person).or_insert((stay, place));
                if key(stay, place) < key(kept.0, kept.1) {
                    *kept = (stay, place);
                }
            }
        }
        last
    }

    /// The last stay of each spillover person in each zone.
    fn spillover<'z>(
        &self,
        zones: &'z [Zone],
    ) -> BTreeMap<String, BTreeMap<&'z String, (&Stay, &String)>> {
        let mut spill: BTreeMap<String, BTreeMap<&String, _>> = BTreeMap::new();
        let Some(plan) = &self.policy.spillover else { return spill };
        let close = self.close();
        for zone in zones.iter().filter(|zone| zone.high) {
            let back = self.as_of - 86_400 * i64::from(plan.lookback_days);
            for (person, seen) in self.visitors(zone, zone.risk_from.max(back)) {
                let home = self.residence(person);
                let lives = home.is_some_and(|home| self.inside(&home, &zone.area));
                if seen.0.end < self.as_of && !lives && !close.contains_key(person) {
                    spill.entry(person.clone()).or_default().insert(&zone.id, seen);
                }
            }
        }
        spill
    }

    pub fn presence(&self, zones: &[Zone]) -> Vec<String> {
        let mut rows = Vec::new();
        for (person, there) in self.spillover(zones) {
            for (zone, (stay, place)) in there {
                rows.push(row(&[
                    person.clone(),
                    zone.clone(),
                    place.clone(),
                    self.time.show(stay.start),
                    self.time.show(stay.end),
                    format!("trajectories.csv:{}", stay.line),
                ]));
            }
        }
        rows
    }

    pub fn measures(&self, zones: &[Zone]) -> Vec<String> {
        let (close, venue, spill) = (self.close(), self.venue_exposed(), self.spillover(zones));
        let everybody: BTreeSet<String> = close
            .keys()
            .chain(venue.keys())
            .chain(spill.keys())
            .chain(self.world.persons.iter().map(|p| &p.id))
            .filter(|p| !self.cases.contains_key(*p))
            .cloned()
            .collect();
        let today = self.time.day(self.as_of);
        let cases = |pairs: &Vec<(&String, &Pair)>| {
            pairs.iter().map(|(case, _)| case.as_str()).collect::<Vec<_>>().join(";")
        };
        let mut rows = Vec::new();
        for person in everybody {
            let record = self.world.persons.iter().find(|p| p.id == person);
            let ended = record.and_then(|p| p.closed_loop_end).filter(|day| *day <= today);
            let policy = self.policy;
            let (kind, code, phases, day0, case_ids, zone_ids) = if let (Some(pairs), Some(plan)) =
                (close.get(&person), &policy.close_contact)
            {
                let last = pairs.iter().map(|(_, p)| p.last).max().unwrap();
                let day0 = self.time.day(last - 1);
                ("close_contact", &plan.code, &plan.phases, day0, cases(pairs), String::new())
            } else if let (Some(there), Some(plan)) = (spill.get(&person), &policy.spillover) {
                let end = there.values().map(|(stay, _)| stay.end).max().unwrap();
                let day0 = self.time.day(end - 1);
                let zones = joined(there.keys().map(|zone| (*zone).clone()).collect());
                ("spillover", &plan.code, &plan.phases, day0, String::new(), zones)
            } else if let (Some(pairs), Some(plan)) = (venue.get(&person), &policy.venue_exposed) {
                let last = pairs.iter().map(|(_, p)| p.last_any).max().unwrap();
                let day0 = self.time.day(last - 1);
                ("venue_exposed", &plan.code, &plan.phases, day0, cases(pairs), String::new())
            } else if let (Some(day), Some(plan)) = (ended, &policy.closed_loop) {
                ("closed_loop", &plan.code, &plan.phases, day, String::new(), String::new())
            } else {
                continue;
            };
            let (mut next, mut stages, mut tests) = (day0 + 1, Vec::new(), Vec::new());
            for phase in phases {
                let end = next + i64::from(phase.days);
                stages.push(format!("{} {}..{}", phase.kind, date(next), date(end - 1)));
                tests.extend(phase.tests.iter().map(|&t| date(next + i64::from(t) - 1)));
                next = end;
            }
            rows.push(row(&[
                person,
                kind.into(),
                code.clone(),
                if next <= today { "elapsed" } else { "active" }.into(),
                date(day0),
                stages.join(";"),
                tests.join(";"),
                date(next),
                case_ids,
                zone_ids,
            ]));
        }
        rows
    }
}
