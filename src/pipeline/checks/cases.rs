//! What to look at in the cases: dates that cannot be, homes of many, nobody met.

use super::{Check, Weight};
use crate::base::time::{Instant, TimeZone};
use crate::ingest::{Folder, Table};
use crate::model::persons::Persons;
use crate::model::{Case, CaseIdx, Cases, PlaceId, Places, RowRef};
use crate::policy::Exposure;
use crate::search::own_stays::{CaseStay, CaseStays};
use hashbrown::HashSet;

/// Why an onset was set aside.
pub const ONSET_SET_ASIDE: &str =
    "the onset lies after the confirmation or too long before it and was set aside";
/// Why a sampling was set aside.
pub const SAMPLED_SET_ASIDE: &str =
    "the sampling lies after the confirmation or too long before it and was set aside";
/// Why an isolation was set aside.
pub const ISOLATED_SET_ASIDE: &str = "the isolation lies before the window of the case or in the \
     year 2100 or later and was set aside";
/// Why those who live with a case are no contacts.
pub const HOME_OF_MANY: &str = "more people are recorded at the home of this case than a household \
     has: none of them is a contact for living there";
/// Why homes are worth a look.
pub const WIDE_HOMES: &str = "people are recorded at homes of more people than a household has: \
     dormitories, districts, a word for unknown; nobody is a contact for living there";
/// Why a case has nobody.
pub const NO_ROWS: &str = "no usable row says where this case was while it was infectious: only \
     people of its home can be found; is its id written as in the other tables?";
/// Why a stay is worth a look.
pub const LONG_STAY: &str = "this case stays at one place for days on end: is the end of the row right? \
     Whoever came by is a contact";
/// What is days on end, in seconds.
pub const LONG: i64 = 3 * 86_400;
/// Why a case is worth a look.
pub const FEW_CONTACTS: &str =
    "this case has far fewer close contacts than the others: are all of its rows there?";

/// The cases, and where to look things up.
pub struct Of<'a> {
    /// The cases.
    pub cases: &'a Cases,
    /// The persons.
    pub persons: &'a Persons,
    /// The places.
    pub places: &'a Places,
    /// The input.
    pub folder: &'a Folder,
    /// The numbers.
    pub policy: &'a Exposure,
    /// The analysis time zone.
    pub zone: &'a TimeZone,
}

impl Of<'_> {
    fn check(
        &self,
        (check, what): (&'static str, &'static str),
        case: &Case,
        (table, row): (Table, RowRef),
    ) -> Check {
        let file = &self.folder.files[row.file() as usize].name;
        let check = Check::new(check, table.name(), Weight::Care, what);
        check.id(&*case.id).at(file, row.line())
    }

    /// Dates of cases that were set aside.
    pub fn dates(&self) -> Vec<Check> {
        let of_case = |case: &Case| {
            let check = |(column, at): (&str, Instant)| {
                let kind = match column {
                    "onset" => ("onset_set_aside", ONSET_SET_ASIDE),
                    "sampled" => ("sampled_set_aside", SAMPLED_SET_ASIDE),
                    _ => ("isolated_set_aside", ISOLATED_SET_ASIDE),
                };
                let value = self.zone.show(at.min(Instant::LAST));
                self.check(kind, case, (Table::Cases, case.row)).value(value)
            };
            case.set_aside(self.policy, self.zone).into_iter().map(check).collect::<Vec<_>>()
        };
        self.cases.iter().flat_map(|(_, case)| of_case(case)).collect()
    }

    /// Recorded homes of cases that are no household: their people are no contacts for living
    /// there.
    pub fn homes(&self) -> Vec<Check> {
        let of_case = |case: &Case| {
            let person = self.persons.find(&case.id)?;
            let residence = person.residence?;
            let recorded = self.persons.recorded_at(residence);
            self.persons.is_home_of_many(residence, self.policy.household_max).then(|| {
                let kind = ("home_of_many", HOME_OF_MANY);
                let check = self.check(kind, case, (Table::Persons, person.row));
                check.value(self.places.id(residence)).count(recorded.into())
            })
        };
        self.cases.iter().filter_map(|(_, case)| of_case(case)).collect()
    }

    /// How many people live where more are recorded than a household has.
    pub fn wide_homes(&self) -> Option<Check> {
        let residences = self.persons.iter().filter_map(|(_, person)| person.residence);
        let is_wide =
            |home: &PlaceId| self.persons.is_home_of_many(*home, self.policy.household_max);
        let (mut homes, mut people) = (HashSet::new(), 0);
        for home in residences.filter(is_wide) {
            people += 1;
            homes.insert(home);
        }
        let weight =
            if people * 5 > self.persons.len() as u64 { Weight::Care } else { Weight::Know };
        let check = Check::new("homes_of_many", Table::Persons.name(), weight, WIDE_HOMES);
        (people > 0).then(|| check.value(format!("{} homes", homes.len())).count(people))
    }

    /// Cases of which no row says where they were; `rows` is how many stays of each lie in its
    /// window.
    pub fn without_rows(&self, rows: impl Fn(CaseIdx) -> u64) -> Vec<Check> {
        let none = self.cases.iter().filter(|(idx, _)| rows(*idx) == 0);
        let kind = ("case_without_rows", NO_ROWS);
        none.map(|(_, case)| self.check(kind, case, (Table::Cases, case.row)).count(0)).collect()
    }

    /// Stays of cases that last for days; `stays` are those of all cases.
    pub fn long_stays(&self, stays: &CaseStays) -> Vec<Check> {
        let long = stays.iter().filter(|stay| !stay.date_only && stay.span.seconds() > LONG);
        let check = |stay: &CaseStay| {
            let kind = ("long_stay", LONG_STAY);
            let check =
                self.check(kind, self.cases.get(stay.case), (Table::Trajectories, stay.row));
            let (start, end) = (self.zone.show(stay.span.start), self.zone.show(stay.span.end));
            check.value(format!("{start} to {end}"))
        };
        long.map(check).collect()
    }

    /// Cases with far fewer contacts than the others; `contacts` is how many each has.
    pub fn few_contacts(&self, contacts: impl Fn(CaseIdx) -> u64) -> Vec<Check> {
        let mut counts: Vec<u64> = self.cases.iter().map(|(idx, _)| contacts(idx)).collect();
        counts.sort_unstable();
        if counts.len() < 4 {
            return Vec::new();
        }
        // Of an even number the lower one of the two in the middle: a count that somebody has.
        let median = counts[(counts.len() - 1) / 2];
        if median < 5 {
            return Vec::new();
        }
        let few = self.cases.iter().filter(|(idx, _)| contacts(*idx) * 5 < median);
        let kind = ("case_few_contacts", FEW_CONTACTS);
        let check = |(idx, case): (CaseIdx, &Case)| {
            let check = self.check(kind, case, (Table::Cases, case.row));
            check.value(format!("median {median}")).count(contacts(idx))
        };
        few.map(check).collect()
    }
}
