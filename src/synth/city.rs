//! Who lives, works and learns where.

use super::{Dice, draw};

/// A place: its kind and its number among its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Spot {
    /// The home of a household.
    Home(u32),
    /// A workplace.
    Work(u32),
    /// A classroom.
    Class(u32),
    /// A shop.
    Shop(u32),
    /// A restaurant.
    Restaurant(u32),
    /// A market, where people crowd.
    Market(u32),
    /// A hospital.
    Hospital(u32),
    /// A park: open air, and visited with a phone.
    Park(u32),
    /// A carriage with seat rows.
    Carriage(u32),
}

/// What a person does on working days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Goes to a workplace.
    Worker(u32),
    /// Goes to a class.
    Pupil(u32),
    /// Stays around home.
    Retired,
}

/// Households a unit, units a building, buildings a compound.
pub const HOUSEHOLDS: u32 = 12;
pub const UNITS: u32 = 3;
pub const BUILDINGS: u32 = 8;

/// The city as it is before anything happens.
#[derive(Debug)]
pub struct City {
    /// Everything depends on it.
    pub seed: u64,
    /// How many people.
    pub persons: u32,
    /// The household of each person.
    household: Vec<u32>,
    /// First person of each household, and the end.
    first: Vec<u32>,
    role: Vec<Role>,
    /// The workers of each workplace, side by side.
    workers: Vec<u32>,
    worker_start: Vec<u32>,
    /// How many there are of each kind.
    pub shops: u32,
    pub restaurants: u32,
    pub markets: u32,
    pub hospitals: u32,
    pub parks: u32,
    pub carriages: u32,
    pub classes: u32,
}

const HOUSEHOLD: u64 = 1;
const ROLE: u64 = 2;

impl City {
    /// Builds a city. O(persons).
    pub fn new(persons: u32, seed: u64) -> City {
        let (mut household, mut first) = (Vec::with_capacity(persons as usize), vec![0]);
        while household.len() < persons as usize {
            let number = first.len() as u32 - 1;
            let size = [1, 2, 2, 3, 3, 3, 4, 4, 5, 6];
            let size = size[Dice::new(seed, HOUSEHOLD, number.into(), 0).roll(10) as usize];
            let end = (household.len() + size).min(persons as usize);
            household.resize(end, number);
            first.push(end as u32);
        }
        let workplaces = (persons / 30).max(2);
        let classes = (persons / 200).max(1);
        let role: Vec<Role> = (0..persons)
            .map(|person| {
                let mut dice = Dice::new(seed, ROLE, person.into(), 0);
                match dice.roll(100) {
                    0..60 => {
                        // A few workplaces have many people, most have few.
                        let skew = (dice.roll(1 << 16) * dice.roll(1 << 16)) >> 16;
                        Role::Worker(((skew * u64::from(workplaces)) >> 16) as u32)
                    }
                    // Children of a compound go to classes near it.
                    60..78 => {
                        let near = household[person as usize] / 60;
                        Role::Pupil((near + dice.roll(2) as u32) % classes)
                    }
                    _ => Role::Retired,
                }
            })
            .collect();
        let mut by_work: Vec<(u32, u32)> = (0..persons)
            .filter_map(|person| match role[person as usize] {
                Role::Worker(work) => Some((work, person)),
                _ => None,
            })
            .collect();
        by_work.sort_unstable();
        let mut worker_start = vec![0; workplaces as usize + 1];
        for &(work, _) in &by_work {
            worker_start[work as usize + 1] += 1;
        }
        for work in 0..workplaces as usize {
            worker_start[work + 1] += worker_start[work];
        }
        let each = |people: u32| (persons / people).max(2);
        City {
            seed,
            persons,
            household,
            first,
            role,
            workers: by_work.into_iter().map(|(_, person)| person).collect(),
            worker_start,
            shops: each(400),
            restaurants: each(500),
            markets: each(2_000),
            hospitals: each(10_000),
            parks: each(15_000),
            carriages: each(800),
            classes,
        }
    }

    /// How many households there are.
    pub fn households(&self) -> u32 {
        self.first.len() as u32 - 1
    }

    /// How many workplaces there are.
    pub fn workplaces(&self) -> u32 {
        self.worker_start.len() as u32 - 1
    }

    /// The household of a person.
    pub fn household(&self, person: u32) -> u32 {
        self.household[person as usize]
    }

    /// What a person does on working days.
    pub fn role(&self, person: u32) -> Role {
        self.role[person as usize]
    }

    /// Who works at a workplace.
    pub fn workers(&self, work: u32) -> &[u32] {
        let (from, to) = (self.worker_start[work as usize], self.worker_start[work as usize + 1]);
        &self.workers[from as usize..to as usize]
    }

    /// How many counties there are.
    pub fn counties(&self) -> u32 {
        (self.persons / 60_000).clamp(2, 12)
    }

    /// Unit, building, compound and county of a household: all counted from 0 in the whole city.
    pub fn address(&self, household: u32) -> (u32, u32, u32, u32) {
        let unit = household / HOUSEHOLDS;
        let (building, compound) = (unit / UNITS, unit / UNITS / BUILDINGS);
        let compounds = self.households() / (HOUSEHOLDS * UNITS * BUILDINGS) + 1;
        let county = u64::from(compound) * u64::from(self.counties()) / u64::from(compounds);
        (unit, building, compound, county as u32)
    }

    /// The county a place without address lies in.
    pub fn county_of(&self, spot: Spot) -> u32 {
        let (number, of) = match spot {
            Spot::Home(household) => return self.address(household).3,
            Spot::Work(n) => (n, self.workplaces()),
            Spot::Class(n) => (n, self.classes),
            Spot::Shop(n) => (n, self.shops),
            Spot::Restaurant(n) => (n, self.restaurants),
            Spot::Market(n) => (n, self.markets),
            Spot::Hospital(n) => (n, self.hospitals),
            Spot::Park(n) => (n, self.parks),
            Spot::Carriage(n) => (n, self.carriages),
        };
        (u64::from(number) * u64::from(self.counties()) / u64::from(of)) as u32
    }

    /// One of a few places of a kind near a household.
    pub fn near(&self, household: u32, of: u32, choice: u64) -> u32 {
        let home = u64::from(household) * u64::from(of) / u64::from(self.households());
        ((home + choice) % u64::from(of)) as u32
    }

    /// The middle of a park in degrees.
    pub fn park(&self, park: u32) -> (f64, f64) {
        let spread = |stream| (draw(self.seed, stream, park.into(), 0) >> 40) as f64 / 1e8;
        (120.0 + spread(21), 30.1 + spread(22))
    }

    /// Longitude and latitude of a place; homes of one building share them; `None` for a carriage.
    /// Counties lie side by side, about eight kilometres each.
    pub fn position(&self, spot: Spot) -> Option<(f64, f64)> {
        let (kind, number, within) = match spot {
            Spot::Park(park) => return Some(self.park(park)),
            Spot::Carriage(_) => return None,
            Spot::Home(household) => {
                let (_, building, compound, _) = self.address(household);
                let within = f64::from(building % BUILDINGS);
                (23, compound, ((within % 4.0) * 6e-4, (within / 4.0).floor() * 8e-4))
            }
            Spot::Work(n) => (24, n, (0.0, 0.0)),
            Spot::Class(n) => (25, n, (0.0, 0.0)),
            Spot::Shop(n) => (26, n, (0.0, 0.0)),
            Spot::Restaurant(n) => (27, n, (0.0, 0.0)),
            Spot::Market(n) => (28, n, (0.0, 0.0)),
            Spot::Hospital(n) => (29, n, (0.0, 0.0)),
        };
        let county = self.county_of(spot);
        let spread = |axis| (draw(self.seed, kind, number.into(), axis) >> 40) as f64 / 2.4e8;
        let (lon, lat) = (f64::from(county % 4) * 0.08, f64::from(county / 4) * 0.08);
        Some((120.0 + lon + spread(1) + within.0, 30.1 + lat + spread(2) + within.1))
    }
}
