//! The tables of an output, column by column: names, types, and what each says.

use super::CellKind::{Date, Instant, Number, Text};
use super::{Column, TableShape, notice};

pub(super) const fn text(name: &'static str, what: &'static str) -> Column {
    Column::new(Text, name, what)
}

pub(super) const fn number(name: &'static str, what: &'static str) -> Column {
    Column::new(Number, name, what)
}

pub(super) const fn date(name: &'static str, what: &'static str) -> Column {
    Column::new(Date, name, what)
}

pub(super) const fn time(name: &'static str, what: &'static str) -> Column {
    Column::new(Instant, name, what)
}

const BASES: &[&str] = &[
    "crowd",
    "date_only",
    "gps",
    "household",
    "proximity",
    "seat_unknown",
    "shared_position",
    "transport",
    "venue",
];
const MEASURES: &[&str] =
    &["close_contact", "spillover", "venue_exposed", "closed_loop", "arrival"];
const TASKS: &[&str] = &[
    "hospital",
    "call",
    "change",
    "announce",
    "test",
    "transfer",
    "release",
    "open",
    "became_case",
];
const CAUSES: &[&str] = &[
    "became_case",
    "case_taken_back",
    "new_case",
    "policy",
    "expand",
    "ran_out",
    "window",
    "as_of",
    "rows",
];

pub(super) const PERSON: Column = text("person_id", "the person");
pub(super) const CASE: Column = text("case_id", "the case");
const EXPOSED_CASE: Column = text("exposed_case_id", "the case that was exposed to it");
const CASES: Column = number("cases", "how many cases");
const CASE_IDS: Column = text("case_ids", "the cases, joined by ;");
const FIRST: Column = time("first_exposure", "the earliest start of a match, weak ones apart");
const LAST: Column = time("last_exposure", "the latest end of a match, weak ones apart");
const BASES_OF: Column = text("bases", "by what rules they match, joined by ;");
const PLACES: Column = text("places", "the places of the matches, joined by ;").or_blank();
const SECONDS: Column = number("seconds", "how long they were together");
const PEAK: Column = number("peak_seconds", "the longest of it within the window of the policy");
pub(super) const PLACE: Column = text("place_id", "the place").or_blank();
pub(super) const START: Column = time("start", "from when");
pub(super) const END: Column = time("end", "until when, that moment not included");
pub(super) const CASE_ROW: Column = text("case_row", "the row of the case, as FILE:LINE");
pub(super) const PERSON_ROW: Column =
    text("person_row", "the row of the other person, as FILE:LINE");
pub(super) const CODE: Column = text("code", "the health code that the policy gives").or_blank();
pub(super) const DAY0: Column = date("day0", "the day that the days are counted from");
pub(super) const TESTS: Column = text("tests", "the days of the tests, joined by ;").or_blank();
pub(super) const ROW: Column = text("row", "the row of the input, as FILE:LINE");
pub(super) const ZONE: Column =
    text("zone_id", "county/compound/building/unit, place:ID or county:NAME");
const LEVEL: Column =
    text("level", "how wide it is").one_of(&["unit", "building", "place", "county"]);
const DAYS: Column = number("days", "days with a stay of the case that was there most").or_blank();
const MINUTES_THERE: Column =
    number("minutes", "minutes of the case that was there most").or_blank();
const CONTACTS_THERE: Column = number("contacts", "close contacts who were met there").or_blank();
const SECONDARY: Column = number("secondary", "later cases who were exposed there").or_blank();
const RESIDENTS: Column = number("residents", "people recorded as living there").or_blank();
const PRESENT: Column = number("present", "people, no cases, who were there since").or_blank();
const ZONE_BASES: Column =
    text("bases", "why: activity, escalated, expanded, residence").or_blank();
const MEASURE: Column = text("measure", "what the person gets").one_of(MEASURES);
pub(super) const PHASES: Column =
    text("phases", "central, home and monitor with their days, joined by ;");
pub(super) const RELEASE: Column = date("release_on", "the day after the last phase");
pub(super) const COUNTY: Column = text("county", "the county").or_blank();
pub(super) const COMPOUND: Column = text("compound", "the compound").or_blank();
const BUILDING: Column = text("building", "the building").or_blank();
const UNIT: Column = text("unit", "the unit").or_blank();
const CAUSE: Column = text("cause", "why").one_of(CAUSES);

const fn old_and_new(name: &'static str, what: &'static str) -> Column {
    text(name, what).or_blank()
}

pub(super) const TABLE: TableShape =
    TableShape { name: "", what: "", columns: &[], key: &[], refers: &[], of_people: false };

/// All of them.
pub const TABLES: [TableShape; 27] = [
    TableShape {
        name: "contacts",
        what: "Who is a close contact, ranked: whom to call first",
        key: &["person_id"],
        of_people: true,
        columns: &[
            PERSON,
            number("rank", "from 1: households, then long exposure, then many cases"),
            CASES,
            CASE_IDS,
            FIRST,
            LAST,
            number("minutes", "whole minutes together with the cases"),
            number("peak_minutes", "the longest of it within the window of the policy"),
            BASES_OF,
            PLACES,
        ],
        ..TABLE
    },
    TableShape {
        name: "exposures",
        what: "The exposures that make a close contact",
        key: &["case_id", "person_id"],
        refers: &[("person_id", "contacts")],
        columns: &[
            CASE,
            PERSON,
            FIRST,
            LAST,
            SECONDS,
            PEAK,
            number("encounters", "unbroken times together"),
            BASES_OF,
            PLACES,
        ],
        ..TABLE
    },
    TableShape {
        name: "evidence",
        what: "The input rows behind every contact, link and venue-exposed person, weak matches \
               included",
        columns: &[
            CASE,
            PERSON,
            text("basis", "by what rule they match").one_of(BASES),
            PLACE,
            START,
            END,
            CASE_ROW,
            PERSON_ROW,
        ],
        ..TABLE
    },
    TableShape {
        name: "links",
        what: "Cases exposed to each other; not who infected whom",
        key: &["case_id", "exposed_case_id"],
        columns: &[
            CASE,
            EXPOSED_CASE,
            FIRST,
            LAST,
            SECONDS,
            PEAK,
            BASES_OF,
            PLACES,
            number("serial_days", "days from the anchor of the case to that of the exposed one"),
        ],
        ..TABLE
    },
    TableShape {
        name: "venue_exposed",
        what: "Who was exposed below the threshold",
        key: &["person_id"],
        of_people: true,
        columns: &[
            PERSON,
            CASES,
            CASE_IDS,
            LAST,
            number("minutes", "whole minutes together with the cases"),
            BASES_OF,
            PLACES,
        ],
        ..TABLE
    },
    TableShape {
        name: "zones",
        what: "The risk zones, and the low-risk rest of their counties",
        columns: &[
            ZONE,
            LEVEL,
            text("status", "high, or low: released").one_of(&["high", "low"]),
            COUNTY,
            COMPOUND,
            BUILDING,
            UNIT,
            PLACE,
            ZONE_BASES,
            CASES.or_blank(),
            CASE_IDS.or_blank(),
            DAYS,
            MINUTES_THERE,
            CONTACTS_THERE,
            SECONDARY,
            RESIDENTS,
            PRESENT,
            time("risk_from", "when one of its cases was there first").or_blank(),
            date("last_case_date", "the latest day of a confirmation").or_blank(),
            date("downgrade_on", "the day from which it is low").or_blank(),
            time("announce_by", "by when it is to be announced").or_blank(),
        ],
        ..TABLE
    },
    TableShape {
        name: "zone_options",
        what: "What each zone costs, and the areas that nearly became one",
        columns: &[
            ZONE,
            LEVEL,
            text("status", "of the zone, or not drawn").one_of(&["high", "low", "not_drawn"]),
            ZONE_BASES,
            CASES,
            CASE_IDS,
            DAYS,
            MINUTES_THERE,
            CONTACTS_THERE,
            SECONDARY,
            RESIDENTS,
            number("resident_days", "residents times the days until the downgrade"),
            PRESENT,
            number("spillover", "people whose measure names the zone, or would"),
            number("spillover_days", "the days of theirs"),
            text("smaller", "the units of a building that have cases, joined by ;").or_blank(),
            number("smaller_residents", "who lives in these"),
            text("larger", "the building of a unit").or_blank(),
            number("larger_residents", "who lives in it"),
            text("missing", "what it has of what it needs, any one of which would do").or_blank(),
        ],
        ..TABLE
    },
    TableShape {
        name: "measures",
        what: "What each person gets, from when to when",
        key: &["person_id"],
        of_people: true,
        columns: &[
            PERSON,
            MEASURE,
            CODE,
            text("state", "elapsed: nobody is held past the plan").one_of(&["active", "elapsed"]),
            DAY0,
            PHASES.or_blank(),
            TESTS,
            RELEASE,
            CASE_IDS.or_blank(),
            text("zone_ids", "the zones of a spillover person, joined by ;").or_blank(),
        ],
        ..TABLE
    },
    TableShape {
        name: "today",
        what: "What is to be done on the day of as-of, and what fell due since the earlier output",
        of_people: true,
        columns: &[
            text("task", "what is to be done").one_of(TASKS),
            date("day", "when it fell due"),
            number("rank", "of a close contact").or_blank(),
            PERSON.or_blank(),
            ZONE.or_blank(),
            time("by", "by when").or_blank(),
            MEASURE.or_blank(),
            PHASES.or_blank(),
            RELEASE.or_blank(),
            CAUSE.or_blank(),
            CASE_IDS.or_blank(),
        ],
        ..TABLE
    },
    TableShape {
        name: "people",
        what: "What the people in the other tables are called and where they live: the one table \
               with names. Behind these columns stand those of --keep. --names puts name, phone, \
               address and compound behind contacts, venue_exposed, measures, presence and today, \
               too",
        key: &["person_id"],
        columns: &[
            PERSON,
            text("name", "the name").or_blank(),
            text("phone", "the phone").or_blank(),
            text("address", "the address").or_blank(),
            COMPOUND,
            BUILDING,
            UNIT,
            COUNTY,
            text("groups", "key groups, joined by ;").or_blank(),
            text("age", "the age, as it stands in the input").or_blank(),
        ],
        ..TABLE
    },
    TableShape {
        name: "presence",
        what: "The stay behind every spillover person: the last in each zone",
        key: &["person_id", "zone_id"],
        refers: &[("person_id", "measures"), ("zone_id", "zones")],
        of_people: true,
        columns: &[PERSON, ZONE, PLACE, START, END, ROW],
    },
    TableShape {
        name: "checks",
        what: "What to look at before acting; none of it changes a verdict",
        columns: &[
            text("check", "what it is, in a word"),
            text("table", "the table of the input").or_blank(),
            text("file", "the file").or_blank(),
            number("line", "the line").or_blank(),
            text("id", "whom or what it is about").or_blank(),
            text("value", "what stands there").or_blank(),
            number("count", "how often"),
            text("what", "what it is, in a sentence"),
        ],
        ..TABLE
    },
    TableShape {
        name: "rejects",
        what: "The rows that cannot be used, and the first reason",
        columns: &[
            text("file", "the file"),
            number("line", "the line, as an editor counts it"),
            text("column", "the column; blank where the row as a whole is bad").or_blank(),
            text("value", "what stands there").or_blank(),
            text("reason", "why"),
            text("row", "what became of it; used: with that cell blank")
                .one_of(&["left_out", "used"]),
        ],
        ..TABLE
    },
    TableShape {
        name: "changes",
        what: "What changed since the output of --since, else since the newest of an earlier as-of \
               here, or beside it with most of its cases, else since the one that is replaced",
        columns: &[
            text("what", "what it is").one_of(&["case", "link", "person", "zone"]),
            text("id", "its id; of a link the case"),
            text("other_id", "of a link the exposed case").or_blank(),
            text("change", "class: another measure or level; state: run out, released")
                .one_of(&["new", "gone", "class", "longer", "shorter", "state", "cases"]),
            CAUSE,
            old_and_new("old_class", "what it was"),
            old_and_new("new_class", "what it is"),
            old_and_new("old_state", "in which state it was"),
            old_and_new("new_state", "in which state it is"),
            old_and_new("old_since", "from when it was counted"),
            old_and_new("new_since", "from when it is counted"),
            old_and_new("old_until", "when it ended"),
            old_and_new("new_until", "when it ends"),
            old_and_new("old_case_ids", "the cases it was for, joined by ;"),
            old_and_new("new_case_ids", "the cases it is for, joined by ;"),
        ],
        ..TABLE
    },
    TableShape {
        name: "before",
        what: "What changes.csv compares with: a second run on one day says what changed since the \
               day before, too",
        columns: &[
            text("what", "what it is; run: the output itself, its id the as-of"),
            text("id", "its id; of a link the case"),
            text("other_id", "of a link the exposed case").or_blank(),
            text("class", "a measure, a level, or the hash of the policy"),
            text("state", "active, elapsed, high or low; of a run expanded or blank").or_blank(),
            text("since", "from when it was counted").or_blank(),
            text("until", "when it ended").or_blank(),
            CASE_IDS.or_blank(),
        ],
        ..TABLE
    },
    notice::ARRIVALS,
    notice::TRAVELLERS,
    notice::STRANDED,
    notice::STRANDED_COUNTIES,
    notice::KEY_PEOPLE,
    notice::KEY_GROUPS,
    notice::MASS_TESTING,
    notice::DELAYS,
    notice::DELAY_MEDIANS,
    notice::ISOLATION_CONTACTS,
    notice::BREACHES,
    notice::BUBBLE_CONTACTS,
];
