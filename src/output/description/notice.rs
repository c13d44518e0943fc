//! The tables of the Notice's other measures, column by column.

use super::tables::{
    CASE, CASE_ROW, CODE, COMPOUND, COUNTY, DAY0, END, PERSON, PERSON_ROW, PHASES, PLACE, RELEASE,
    ROW, START, TABLE, TESTS, ZONE, date, number, text, time,
};
use super::{Column, TableShape};

const HOME_COUNTY: Column = text("home_county", "the county where the person is recorded");
const ORDER_ROW: Column = text("order_row", "the row of the order, as FILE:LINE");
const NEEDS: Column = text("needs", "what they need there, joined by ;").or_blank();
const TO_SAMPLE: Column =
    number("hours_to_sample", "whole hours from the onset to the sample").or_blank();
const TO_CONFIRMATION: Column =
    number("hours_to_confirmation", "whole hours from the sample to the confirmation").or_blank();
const TO_ISOLATION: Column = number(
    "hours_to_isolation",
    "whole hours from the confirmation to the isolation; negative: isolated before",
)
.or_blank();
const AT_LARGE: Column =
    number("hours_at_large", "whole hours from the onset to the isolation").or_blank();
const CONTACTS_AT_LARGE: Column = number(
    "contacts_at_large",
    "close contacts exposed on the day of onset (else sample, else confirmation) or later",
);

/// `arrivals`.
pub const ARRIVALS: TableShape = TableShape {
    name: "arrivals",
    what: "Who came from abroad: how far they are, and what is to be done next (the Notice, \
           measures 9 and 10)",
    key: &["person_id"],
    of_people: true,
    columns: &[
        PERSON,
        time("entered", "when they entered"),
        DAY0,
        text("state", "how far they are").one_of(&[
            "in_plan",
            "retest",
            "past_infection",
            "positive",
            "case",
            "elapsed",
        ]),
        text("reasons", "the measures that they have at once, joined by ;").or_blank(),
        CODE,
        PHASES.or_blank(),
        TESTS,
        date("release_on", RELEASE.what).or_blank(),
        text("next_step", "what is to be done next; hospital: a sample was positive")
            .one_of(&["test", "retest", "hospital", "home", "release", "none"]),
        time("due", "when").or_blank(),
        ROW,
    ],
    ..TABLE
};

/// `travellers`.
pub const TRAVELLERS: TableShape = TableShape {
    name: "travellers",
    what: "Who is recorded in another county and was in one with a high-risk zone, outside the \
           zones, and has no measure (Shanxi, people at risk); with --visitors",
    key: &["person_id"],
    of_people: true,
    columns: &[
        PERSON,
        HOME_COUNTY,
        text("county", COUNTY.what),
        time("start", START.what),
        PLACE,
        text("there", "whether they are still there: who leaves shows a test of the last 48 hours")
            .one_of(&["yes", "no"]),
        DAY0,
        CODE,
        PHASES.or_blank(),
        TESTS,
        RELEASE,
        ROW,
    ],
    ..TABLE
};

/// `stranded`.
pub const STRANDED: TableShape = TableShape {
    name: "stranded",
    what: "Who is recorded in another county and is in one with a high-risk zone, and whether they \
           may leave (the Notice, measure 20); with --visitors",
    key: &["person_id"],
    of_people: true,
    columns: &[
        PERSON,
        HOME_COUNTY,
        text("county", COUNTY.what),
        text("may_leave", "whether nothing keeps them: no zone since it is at risk, no measure")
            .one_of(&["yes", "no"]),
        text("because", "why not: case, in_zone, or the measure").or_blank(),
        ZONE.or_blank(),
        time("start", START.what),
        PLACE,
        ROW,
    ],
    ..TABLE
};

/// `stranded_counties`.
pub const STRANDED_COUNTIES: TableShape = TableShape {
    name: "stranded_counties",
    what: "How many people of each county are in one with a high-risk zone, for the two to agree \
           (the Notice, measure 20); with --visitors",
    key: &["home_county", "county"],
    columns: &[
        HOME_COUNTY,
        text("county", COUNTY.what),
        number("people", "how many people"),
        number("leaving", "how many of them may leave"),
    ],
    ..TABLE
};

/// `key_people`.
pub const KEY_PEOPLE: TableShape = TableShape {
    name: "key_people",
    what: "Who lives in a high-risk zone and belongs to a key group (the Notice, measures 14 and \
           17)",
    key: &["zone_id", "person_id"],
    refers: &[("zone_id", "zones")],
    of_people: true,
    columns: &[ZONE, PERSON, text("groups", "key groups, joined by ;"), NEEDS],
};

/// `needs`.
pub const KEY_GROUPS: TableShape = TableShape {
    name: "needs",
    what: "How many people of each key group live in a high-risk zone, and what they need (the \
           Notice, measure 17)",
    key: &["zone_id", "group"],
    refers: &[("zone_id", "zones")],
    columns: &[
        COUNTY,
        COMPOUND,
        ZONE,
        text("group", "the group, as it stands in the input"),
        number("people", "how many people"),
        NEEDS,
    ],
    ..TABLE
};

/// `mass_testing`.
pub const MASS_TESTING: TableShape = TableShape {
    name: "mass_testing",
    what: "Whether it is unclear where the outbreak stands, by county where cases live: the figures \
           on which people decide (the Notice, measure 6)",
    columns: &[
        COUNTY,
        text("verdict", "not_indicated, or unclear with the reasons")
            .one_of(&["not_indicated", "unclear"]),
        text("because", "why it is unclear: long_spread, sources_unknown").or_blank(),
        number("cases", "how many cases"),
        number("unlinked", "cases without a possible source"),
        number("unlinked_percent", "their share of the cases, in whole percent"),
        number("clusters", "clusters with one of the cases; a case alone is one"),
        number("largest_cluster", "how many of the cases are in the largest of them"),
        number("oldest_cluster_days", "days since the earliest case of a cluster"),
        date("first_unlinked", "the earliest day of a case without a source").or_blank(),
        number("spread_days", "days since then").or_blank(),
        number("outside_zones", "cases without a source who live in no zone known before them"),
        text("unlinked_ids", "the cases without a source, joined by ;").or_blank(),
    ],
    ..TABLE
};

/// `delays`.
pub const DELAYS: TableShape = TableShape {
    name: "delays",
    what: "How fast each case was found, isolated, and their zones announced (the Notice, measure \
           15)",
    key: &["case_id"],
    columns: &[
        CASE,
        COUNTY,
        time("onset", "when symptoms began").or_blank(),
        time("sampled", "when the sample was taken").or_blank(),
        time("confirmed", "when the case was confirmed"),
        time("isolated", "when the case was isolated").or_blank(),
        TO_SAMPLE,
        TO_CONFIRMATION,
        TO_ISOLATION,
        AT_LARGE,
        CONTACTS_AT_LARGE,
        text("zone_ids", "the zones of the case, joined by ;").or_blank(),
        time("announce_by", "by when the first of them had to be announced").or_blank(),
        time("announced", "when the last of them was").or_blank(),
        text("late", "what came late: announcement, confirmation, isolation").or_blank(),
    ],
    ..TABLE
};

/// `delay_medians`.
pub const DELAY_MEDIANS: TableShape = TableShape {
    name: "delay_medians",
    what: "The medians of delays.csv by county and day of confirmation",
    key: &["county", "day"],
    columns: &[
        COUNTY,
        date("day", "the day of the confirmation"),
        number("cases", "how many cases"),
        TO_SAMPLE,
        TO_CONFIRMATION,
        TO_ISOLATION,
        AT_LARGE,
        CONTACTS_AT_LARGE,
        number("late_cases", "cases of whom something came late"),
    ],
    ..TABLE
};

/// `isolation_contacts`.
pub const ISOLATION_CONTACTS: TableShape = TableShape {
    name: "isolation_contacts",
    what: "Who was in central isolation beside somebody who turned out a case there: whom to look at \
           (the Notice, section 3(1))",
    key: &["case_id", "person_id"],
    of_people: true,
    columns: &[
        CASE,
        PERSON,
        text("near", "the same place, the same floor (unit), the same building")
            .one_of(&["place", "floor", "building"]),
        PLACE,
        START,
        END,
        CASE_ROW,
        PERSON_ROW,
    ],
    ..TABLE
};

/// `breaches`.
pub const BREACHES: TableShape = TableShape {
    name: "breaches",
    what: "Stays against an order: where it does not let the person be (the Notice, measures 1, 3, \
           5, 8)",
    of_people: true,
    columns: &[
        PERSON,
        text("kind", "of the order").one_of(&["central", "home", "monitor", "bubble"]),
        text(
            "what",
            "elsewhere; at a medical place; on public transport; under monitoring where \
                      people crowd",
        )
        .one_of(&["crowded", "elsewhere", "medical", "transport"]),
        PLACE,
        START,
        END,
        text(
            "edge",
            "first_day, last_day of the order: perhaps before it was told, or after it ended",
        )
        .or_blank(),
        number("minutes", "whole minutes"),
        number("rows", "how many rows say so"),
        text("row", "the first of them, as FILE:LINE"),
        ORDER_ROW,
        number("exposed", "who was exposed meanwhile, if the person is a case"),
        text("exposed_ids", "who they are, joined by ;").or_blank(),
    ],
    ..TABLE
};

/// `bubble_contacts`.
pub const BUBBLE_CONTACTS: TableShape = TableShape {
    name: "bubble_contacts",
    what: "Meetings of people inside a closed loop with people outside (the Notice, measure 8)",
    of_people: true,
    columns: &[
        PERSON,
        text("other_id", "the one outside"),
        text("how", "by what they met").one_of(&["colocation", "same_place"]),
        PLACE,
        START,
        END,
        ROW,
        text("other_row", "the row of the one outside, as FILE:LINE"),
        ORDER_ROW,
    ],
    ..TABLE
};
