//! The tables of a slow analysis, as text.

use super::slow::{Hit, Known, Pair, date, union};
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
    /// Everybody who is no case, with his pairs.
    fn others(&self) -> BTreeMap<String, Vec<(&String, &Pair)>> {
        let mut others: BTreeMap<String, Vec<_>> = BTreeMap::new();
        for ((case, person), pair) in &self.pairs {
            if !self.cases.contains_key(person) {
                others.entry(person.clone()).or_default().push((case, pair));
            }
        }
        others
    }

    fn close(&self) -> BTreeMap<String, Vec<(&String, &Pair)>> {
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

    fn links(&self) -> Vec<(&String, &String, &Pair)> {
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
        for ((case, person), pair) in self.pairs.iter().filter(|(_, pair)| pair.qualifies) {
            for hit in &pair.hits {
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

    fn area(&self, place: &str) -> Area {
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

    fn inside(&self, place: &str, zone: &Area) -> bool {
        let area = self.area(place);
        area == *zone || Known::building(&area).as_ref() == Some(zone)
    }

    fn lives(&self, case: &str) -> Option<String> {
        if let Some(recorded) = self.residence(case) {
            return Some(recorded);
        }
        let mut nights: BTreeMap<&String, Vec<(i64, i64)>> = BTreeMap::new();
        for stay in self.stays.iter().filter(|stay| stay.person == case) {
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

    /// (case, place, start, end) of the cases' stays inside their windows.
    fn own(&self) -> Vec<(&String, &String, i64, i64)> {
        let mut own = Vec::new();
        for stay in &self.stays {
            let Some(case) = self.cases.get(&stay.person) else { continue };
            let (start, end) = (stay.start.max(case.window.0), stay.end.min(case.window.1));
            if start < end {
                own.extend(stay.places.iter().map(|place| (&stay.person, place, start, end)));
            }
        }
        own
    }

    fn days(&self, own: &[(&String, &String, i64, i64)]) -> usize {
        let mut days = BTreeSet::new();
        for &(case, _, start, end) in own {
            days.extend((self.time.day(start)..=self.time.day(end - 1)).map(|day| (case, day)));
        }
        days.len()
    }

    fn minutes(&self, own: &[(&String, &String, i64, i64)]) -> i64 {
        let mut by_case: BTreeMap<&String, Vec<(i64, i64)>> = BTreeMap::new();
        for &(case, _, start, end) in own {
            by_case.entry(case).or_default().push((start, end));
        }
        by_case.values().map(|s| union(s).iter().map(|(a, b)| b - a).sum::<i64>() / 60).sum()
    }

    /// Distinct close contacts and onward links with a real match at one of the places.
    fn spread(&self, at: &dyn Fn(&str) -> bool) -> (usize, usize) {
        let met = |pair: &Pair| {
            let real =
                pair.hits.iter().filter(|h| !["household", "seat_unknown"].contains(&h.basis));
            real.filter_map(|hit| hit.place.as_deref()).any(at)
        };
        let close = self.close();
        let contacts = close.values().filter(|pairs| pairs.iter().any(|(_, p)| met(p))).count();
        let links = self.links();
        let later = |a: &String, b: &String| self.cases[b].anchor > self.cases[a].anchor;
        (contacts, links.iter().filter(|(a, b, p)| later(a, b) && met(p)).count())
    }

    pub fn zones(&self, expand: bool) -> Vec<Zone> {
        let rules = &self.policy.zone;
        type Draft = (BTreeSet<String>, BTreeSet<String>, i64);
        let mut drafts: BTreeMap<Area, Draft> = BTreeMap::new();
        let none = || (BTreeSet::new(), BTreeSet::new(), i64::MAX);
        for case in self.cases.values() {
            if let Some(home) = self.lives(&case.id) {
                let draft = drafts.entry(self.area(&home)).or_insert_with(none);
                draft.0.insert("residence".into());
                draft.1.insert(case.id.clone());
                draft.2 = draft.2.min(case.window.0);
            }
        }
        let homes: BTreeSet<String> = self.cases.keys().filter_map(|c| self.residence(c)).collect();
        let active = |place: &str| {
            let kind = self.place(place).kind;
            kind != "transport" && kind != "medical" && !homes.contains(place)
        };
        let own = self.own();
        let areas: BTreeSet<Area> =
            own.iter().filter(|o| active(o.1)).map(|o| self.area(o.1)).collect();
        for area in areas {
            let there: Vec<_> =
                own.iter().filter(|o| active(o.1) && self.area(o.1) == area).copied().collect();
            let often = self.days(&there) >= rules.min_days as usize
                || self.minutes(&there) >= rules.min_minutes as i64;
            let (contacts, secondary) = self.spread(&|p| active(p) && self.area(p) == area);
            let risky = contacts >= rules.min_contacts as usize
                || secondary >= rules.min_secondary as usize;
            if often && risky {
                let draft = drafts.entry(area).or_insert_with(none);
                draft.0.insert("activity".into());
                draft.1.extend(there.iter().map(|o| o.0.clone()));
                draft.2 = draft.2.min(there.iter().map(|o| o.2).min().unwrap());
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
                    let raised = wholes.entry(whole).or_insert_with(none);
                    raised.0.extend(draft.0.iter().cloned());
                    raised.0.extend(expand.then(|| "expanded".to_owned()));
                    raised.0.extend(escalated.then(|| "escalated".to_owned()));
                    raised.1.extend(draft.1.iter().cloned());
                    raised.2 = raised.2.min(draft.2);
                }
                _ => {
                    let kept = wholes.entry(area.clone()).or_insert_with(none);
                    kept.0.extend(draft.0.iter().cloned());
                    kept.1.extend(draft.1.iter().cloned());
                    kept.2 = kept.2.min(draft.2);
                }
            }
        }
        let zone = |(area, (bases, cases, risk_from)): (Area, Draft)| {
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
        for zone in zones {
            let here = |place: &str| self.inside(place, &zone.area);
            let there: Vec<_> = own.iter().filter(|o| here(o.1)).copied().collect();
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
            let announce = self.policy.zone.announce_hours;
            let mut cells = vec![zone.id.clone(), zone.level.into()];
            cells.push(if zone.high { "high" } else { "low" }.into());
            cells.extend(address);
            cells.extend([
                place,
                joined(zone.bases.clone()),
                zone.cases.len().to_string(),
                joined(zone.cases.clone()),
                self.days(&there).to_string(),
                self.minutes(&there).to_string(),
                contacts.to_string(),
                secondary.to_string(),
                residents.count().to_string(),
                self.visitors(zone, zone.risk_from).len().to_string(),
                self.time.show(zone.risk_from),
                date(zone.downgrade - i64::from(self.policy.zone.downgrade_days) - 1),
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

    /// Persons, no cases, with a stay in the zone that ends after `since`: the last end.
    fn visitors(&self, zone: &Zone, since: i64) -> BTreeMap<&String, i64> {
        let mut last = BTreeMap::new();
        for stay in &self.stays {
            let here = stay.places.iter().any(|place| self.inside(place, &zone.area));
            if here && stay.end > since && !self.cases.contains_key(&stay.person) {
                let end = last.entry(&stay.person).or_insert(stay.end);
                *end = stay.end.max(*end);
            }
        }
        last
    }

    pub fn measures(&self, zones: &[Zone]) -> Vec<String> {
        let (close, venue) = (self.close(), self.venue_exposed());
        let mut spill: BTreeMap<String, (i64, BTreeSet<String>)> = BTreeMap::new();
        if let Some(plan) = &self.policy.spillover {
            for zone in zones.iter().filter(|zone| zone.high) {
                let back = self.as_of - 86_400 * i64::from(plan.lookback_days);
                for (person, end) in self.visitors(zone, zone.risk_from.max(back)) {
                    let home = self.residence(person);
                    let lives = home.is_some_and(|home| self.inside(&home, &zone.area));
                    if end < self.as_of && !lives {
                        let entry = spill.entry(person.clone()).or_insert((end, BTreeSet::new()));
                        entry.0 = entry.0.max(end);
                        entry.1.insert(zone.id.clone());
                    }
                }
            }
        }
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
            } else if let (Some((end, zones)), Some(plan)) = (spill.get(&person), &policy.spillover)
            {
                let day0 = self.time.day(end - 1);
                let zones = joined(zones.clone());
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
