//! What a person does on a day: a pure function of city, person and day.
//!
//! Seconds are local, from 00:00 of the first day. Stays of a person come in order and do not
//! overlap.

use super::Dice;
use super::city::{City, Role, Spot};

const DAY: i64 = 86_400;
const PLAN: u64 = 3;
const HABIT: u64 = 4;
const LEAVE: u64 = 5;

/// A stay as the city knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Doing {
    /// Where.
    pub spot: Spot,
    /// From.
    pub start: i64,
    /// Until.
    pub end: i64,
    /// The seat row on transport.
    pub seat_row: Option<u32>,
    /// Wears a good mask.
    pub protected: bool,
}

/// Habits that do not change from day to day.
struct Habits {
    rides: bool,
    careful: bool,
    carriage: u32,
}

fn habits(city: &City, person: u32) -> Habits {
    let mut dice = Dice::new(city.seed, HABIT, person.into(), 0);
    let rides = dice.chance(30);
    let careful = dice.chance(10);
    let carriage = city.near(city.household(person), city.carriages, dice.roll(3));
    Habits { rides, careful, carriage }
}

/// Whether a phone of this person is known, with an app that keeps positions and encounters.
pub fn has_app(city: &City, person: u32) -> bool {
    Dice::new(city.seed, HABIT, person.into(), 1).chance(12)
}

/// Day 0 is a Tuesday.
fn is_weekend(day: u16) -> bool {
    matches!((day + 1) % 7, 5 | 6)
}

/// When a person leaves home on a day.
fn leaves(city: &City, person: u32, day: u16) -> i64 {
    let mut dice = Dice::new(city.seed, LEAVE, person.into(), day.into());
    let second = match (city.role(person), is_weekend(day)) {
        (Role::Worker(_), false) => 25_200 + dice.roll(5_400),
        (Role::Pupil(_), false) => 26_400 + dice.roll(1_200),
        _ => 30_600 + dice.roll(9_000),
    };
    i64::from(day) * DAY + second as i64
}

/// Calls `each` with what a person does on a day: from leaving home, to the night after it. The
/// night before the first day comes with the first; the last night ends with the last day.
pub fn day(city: &City, person: u32, day: u16, days: u16, mut each: impl FnMut(Doing)) {
    let home = Spot::Home(city.household(person));
    let leave = leaves(city, person, day);
    let at = |spot, start, end| Doing { spot, start, end, seat_row: None, protected: false };
    if day == 0 {
        each(at(home, 0, leave));
    }
    let mut walk = Walk {
        city,
        household: city.household(person),
        habits: habits(city, person),
        dice: Dice::new(city.seed, PLAN, person.into(), day.into()),
        now: leave,
        each: &mut each,
    };
    match (city.role(person), is_weekend(day)) {
        (Role::Worker(work), false) => walk.working_day(Spot::Work(work), 32_400),
        (Role::Pupil(class), false) => walk.school_day(Spot::Class(class)),
        (Role::Retired, _) => walk.free_day(25, 12),
        _ => walk.free_day(45, 10),
    }
    let back = walk.now;
    let last = day + 1 == days;
    let end = if last { i64::from(days) * DAY } else { leaves(city, person, day + 1) };
    if back < end {
        each(at(home, back, end));
    }
}

struct Walk<'a> {
    city: &'a City,
    household: u32,
    habits: Habits,
    dice: Dice,
    now: i64,
    each: &'a mut dyn FnMut(Doing),
}

impl Walk<'_> {
    fn go(&mut self, spot: Spot, seconds: i64) {
        let protected = self.habits.careful && !matches!(spot, Spot::Restaurant(_));
        let (start, end) = (self.now, self.now + seconds);
        (self.each)(Doing { spot, start, end, seat_row: None, protected });
        self.now = end;
    }

    fn some_minutes(&mut self, least: u64, most: u64) -> i64 {
        (least * 60 + self.dice.roll((most - least) * 60)) as i64
    }

    /// Trains leave every quarter of an hour.
    fn ride(&mut self) {
        if !self.habits.rides {
            self.now += 60 * 15;
            return;
        }
        let start = (self.now + 300 + 899) / 900 * 900;
        let (length, known) = (self.some_minutes(20, 40), !self.dice.chance(10));
        let seat_row = known.then(|| 1 + self.dice.roll(20) as u32);
        let spot = Spot::Carriage(self.habits.carriage);
        let (end, protected) = (start + length, self.habits.careful);
        (self.each)(Doing { spot, start, end, seat_row, protected });
        self.now = end + 240;
    }

    fn shop(&mut self) {
        let shop = self.city.near(self.household, self.city.shops, self.dice.roll(4));
        let time = self.some_minutes(8, 30);
        self.now += 300;
        self.go(Spot::Shop(shop), time);
    }

    fn eat(&mut self) {
        let choice = self.dice.roll(6);
        let restaurant = self.city.near(self.household, self.city.restaurants, choice);
        let time = self.some_minutes(30, 80);
        self.now += 300;
        self.go(Spot::Restaurant(restaurant), time);
    }

    fn market(&mut self) {
        let market = self.city.near(self.household, self.city.markets, self.dice.roll(2));
        let time = self.some_minutes(10, 45);
        self.now += 600;
        self.go(Spot::Market(market), time);
    }

    fn park(&mut self) {
        let park = self.city.near(self.household, self.city.parks, self.dice.roll(2));
        let time = self.some_minutes(20, 70);
        self.now += 600;
        self.go(Spot::Park(park), time);
    }

    fn working_day(&mut self, work: Spot, length: i64) {
        self.ride();
        let noon = self.now / DAY * DAY + 43_200;
        let until = self.now + length;
        if self.dice.chance(25) && self.now < noon {
            self.go(work, noon - self.now);
            self.eat();
            self.now += 300;
        }
        if self.now < until {
            self.go(work, until - self.now);
        }
        if self.dice.chance(20) {
            self.shop();
        }
        if self.dice.chance(3) {
            self.market();
        }
        if self.dice.chance(6) {
            self.eat();
        }
        self.ride();
    }

    fn school_day(&mut self, class: Spot) {
        self.now += 900;
        let length = 28_800 + self.dice.roll(1_800) as i64;
        self.go(class, length);
        if self.dice.chance(15) {
            self.shop();
        }
        self.now += 900;
    }

    fn free_day(&mut self, shop: u64, market: u64) {
        if self.dice.chance(market) {
            self.market();
        }
        if self.dice.chance(20) {
            self.park();
        }
        if self.dice.chance(shop) {
            self.shop();
        }
        if self.dice.chance(12) {
            self.eat();
        }
        if self.dice.chance(2) {
            let hospital = self.city.near(self.household, self.city.hospitals, 0);
            let time = self.some_minutes(30, 120);
            self.go(Spot::Hospital(hospital), time);
        }
        self.now += 900;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_in_one_place_at_a_time() {
        let city = City::new(2_000, 7);
        for person in 0..2_000 {
            let mut now = 0;
            for d in 0..9 {
                day(&city, person, d, 9, |doing| {
                    assert!(now <= doing.start && doing.start < doing.end, "{person} {doing:?}");
                    now = doing.end;
                });
            }
            assert_eq!(now, 9 * DAY);
        }
    }
}
