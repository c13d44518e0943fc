//! What else an export can hold, beside the city: people under orders, in a closed loop, from
//! abroad, from elsewhere, a campus, and the truth of who kept their orders.
//!
//! All of them have places of their own, so the rows of the city stay as they are. A pure function
//! of the options. Cost: some hundred rows, and as many for each thousand people.

use super::Dice;
use super::rows::{RowMaker, id};

const DAY: i64 = 86_400;
const HOUR: i64 = 3_600;

/// A table: its name, its headers in English and Chinese, and its rows.
#[derive(Debug, Default)]
pub(super) struct Part {
    pub name: &'static str,
    pub english: &'static str,
    pub chinese: &'static str,
    pub rows: String,
}

/// All tables, and those of the truth.
#[derive(Debug)]
pub(super) struct Further {
    pub tables: Vec<Part>,
    pub truth: Vec<Part>,
}

const TABLES: [(&str, &str, &str); 9] = [
    (
        "places_further",
        "place_id,kind,name,unit,building,compound,county,enclosed,dense",
        "场所编号,场所类型,名称,单元,楼栋,小区,区县,密闭,人员密集",
    ),
    ("persons_further", "person_id,residence,county,groups", "人员编号,居住地,区县,重点人群"),
    ("trajectories_further", "person_id,start,end,place_id", "人员编号,进入时间,离开时间,场所编号"),
    ("colocations_further", "person_a,person_b,start,seconds", "人员甲,人员乙,开始时间,时长秒"),
    (
        "cases_further",
        "person_id,onset,sampled,confirmed,isolated",
        "人员编号,发病日期,采样时间,确诊时间,隔离时间",
    ),
    ("orders", "person_id,kind,from,to,place_id", "人员编号,管控类型,开始日期,结束日期,场所编号"),
    (
        "arrivals",
        "person_id,entered,sampled,ct,retested,retest_ct",
        "人员编号,入境时间,采样时间,CT值,复核时间,复核CT值",
    ),
    ("screenings", "place_id,person_id,date,result", "场所编号,人员编号,采样日期,检测结果"),
    ("announcements", "zone_id,announced", "风险区编号,公布时间"),
];

const TRUTH: [(&str, &str); 3] = [
    ("breaches", "person_id,kind,what,place_id,start,end"),
    ("bubble_contacts", "person_id,other_id,how,start,end"),
    ("visitors", "person_id,there"),
];

/// Makes them.
pub(super) fn further(rows: &RowMaker<'_>) -> Further {
    let tables =
        TABLES.map(|(name, english, chinese)| Part { name, english, chinese, ..Part::default() });
    let truth = TRUTH.map(|(name, header)| Part {
        name,
        english: header,
        chinese: header,
        ..Part::default()
    });
    let days = i64::from(rows.options.days);
    let each = 6 + i64::from(rows.options.persons) / 1000;
    let found = Further { tables: tables.into(), truth: truth.into() };
    let mut make = Making { rows, found, days, from: (days / 2).max(1), each };
    make.places();
    make.at_home();
    make.in_a_loop();
    make.in_central_isolation();
    make.under_monitoring();
    make.arrivals();
    make.visitors();
    make.on_campus();
    make.found
}

struct Making<'a> {
    rows: &'a RowMaker<'a>,
    found: Further,
    days: i64,
    /// The day from which orders are in force.
    from: i64,
    /// People of each kind.
    each: i64,
}

/// The id of somebody: a letter and a number.
fn who(letter: u8, number: i64) -> String {
    let mut text = Vec::new();
    id(letter, number as u32, &mut text);
    String::from_utf8(text).expect("an id is text")
}

impl Making<'_> {
    fn row(&mut self, table: &str, cells: &[&str]) {
        let part = self.found.tables.iter_mut().chain(&mut self.found.truth);
        let part = part.into_iter().find(|part| part.name == table).expect("a table");
        part.rows.push_str(&cells.join(","));
        part.rows.push('\n');
    }

    fn time(&self, at: i64) -> String {
        let mut text = Vec::new();
        self.rows.time(at, &mut text);
        String::from_utf8(text).expect("a time is text")
    }

    fn date(&self, day: i64) -> String {
        self.rows.start.plus(day).to_string()
    }

    fn stay(&mut self, person: &str, start: i64, end: i64, place: &str) {
        let end = end.min(self.days * DAY);
        if start < end {
            let (start, end) = (self.time(start), self.time(end));
            self.row("trajectories_further", &[person, &start, &end, place]);
        }
    }

    /// All day, but for some time elsewhere.
    fn day_but(&mut self, person: &str, day: i64, place: &str, but: Option<(i64, i64, &str)>) {
        let (start, end) = (day * DAY, (day + 1) * DAY);
        match but {
            None => self.stay(person, start, end, place),
            Some((from, to, other)) => {
                self.stay(person, start, from, place);
                self.stay(person, from, to, other);
                self.stay(person, to, end, place);
            }
        }
    }

    fn order(&mut self, person: &str, kind: &str, days: (i64, i64), place: &str) {
        let chinese = match kind {
            "central" => "集中隔离",
            "home" => "居家隔离",
            "monitor" => "健康监测",
            _ => "闭环管理",
        };
        let kind = if self.rows.options.chinese { chinese } else { kind };
        let (from, to) = (self.date(days.0), self.date(days.1));
        self.row("orders", &[person, kind, &from, &to, place]);
    }

    fn breach(&mut self, (person, kind, what): (&str, &str, &str), place: &str, span: (i64, i64)) {
        let (start, end) = (self.time(span.0), self.time(span.1));
        self.row("breaches", &[person, kind, what, place, &start, &end]);
    }

    fn case(&mut self, person: &str, sampled: i64, isolated: i64) {
        let confirmed = self.time(sampled + 6 * HOUR);
        let (sampled, isolated) = (self.time(sampled), self.time(isolated));
        self.row("cases_further", &[person, "", &sampled, &confirmed, &isolated]);
    }

    fn places(&mut self) {
        let county = self.rows.county(0);
        for (id, kind, dense) in [
            ("corner-shop", "shop", ""),
            ("clinic", "medical", ""),
            ("fair", "market", "1"),
            ("games", "venue", ""),
            ("games-hotel", "hotel", ""),
            ("guest-house", "hotel", ""),
        ] {
            self.row("places_further", &[id, kind, "", "", "", "", county, "1", dense]);
        }
        self.row("places_further", &["other-town", "hotel", "", "", "", "", "Shangyu", "1", ""]);
    }

    /// Home isolation: every third goes shopping once, every third is at a clinic. The first is a
    /// case.
    fn at_home(&mut self) {
        let (from, county) = (self.from, self.rows.county(0));
        for n in 0..self.each {
            let (person, home) = (who(b'O', n), format!("home-{}", n + 1));
            let (unit, building) = ((n % 3 + 1).to_string(), (n / 3 + 1).to_string());
            let place = [&home, "residence", "", &unit, &building, "East Court", county, "1", ""];
            self.row("places_further", &place);
            let group = if n % 4 == 1 { "elderly" } else { "" };
            self.row("persons_further", &[&person, &home, county, group]);
            self.order(&person, "home", (from, self.days + 2), "");
            let at = ((from + 1) * DAY + 10 * HOUR).min(self.days * DAY - 4 * HOUR);
            let (start, end) = (at + n * 60, at + n * 60 + HOUR / 2);
            let but = match n % 3 {
                0 => Some((start, end, "corner-shop", "elsewhere")),
                1 => Some((start, end, "clinic", "medical")),
                _ => None,
            };
            for day in 0..self.days {
                let today = but.filter(|(start, ..)| start / DAY == day);
                self.day_but(
                    &person,
                    day,
                    &home,
                    today.map(|(from, to, to_place, _)| (from, to, to_place)),
                );
            }
            if let Some((start, end, place, what)) = but {
                self.breach((&person, "home", what), place, (start, end));
            }
            let negative = if self.rows.options.chinese { "阴性" } else { "negative" };
            let date = self.date(self.days - 1);
            self.row("screenings", &[&home, &person, &date, negative]);
        }
        let sampled = (self.days - 1) * DAY + 8 * HOUR;
        self.case(&who(b'O', 0), sampled, sampled + 8 * HOUR);
        let announced = self.time(sampled + 10 * HOUR);
        self.row("announcements", &[&format!("{county}/East Court/1/1"), &announced]);
    }

    /// A closed loop of a place of work and a hotel: every fourth leaves once; somebody from
    /// outside comes in, and one is met.
    fn in_a_loop(&mut self) {
        let from = self.from;
        let (work, evening) = ((9 * HOUR, 18 * HOUR), 18 * HOUR + HOUR / 2);
        for n in 0..self.each {
            let person = who(b'B', n);
            for place in ["games", "games-hotel"] {
                self.order(&person, "bubble", (from, self.days + 4), place);
            }
            for day in from..self.days {
                let start = day * DAY;
                self.stay(&person, start, start + work.0, "games-hotel");
                self.stay(&person, start + work.0, start + work.1, "games");
                if n % 4 == 0 && day == from {
                    let out = (start + evening + n * 60, start + evening + n * 60 + HOUR / 3);
                    self.stay(&person, start + work.1, out.0, "games-hotel");
                    self.stay(&person, out.0, out.1, "corner-shop");
                    self.stay(&person, out.1, start + DAY, "games-hotel");
                    self.breach((&person, "bubble", "elsewhere"), "corner-shop", out);
                } else {
                    self.stay(&person, start + work.1, start + DAY, "games-hotel");
                }
            }
        }
        let visit = (from * DAY + 10 * HOUR, from * DAY + 10 * HOUR + HOUR / 4);
        let other = who(b'D', 1);
        self.stay(&other, visit.0, visit.1, "games");
        let (start, end) = (self.time(visit.0), self.time(visit.1));
        for n in 0..self.each {
            let (person, how) = (who(b'B', n), "same_place");
            let row = [&*person, &other, how, &start, &end];
            self.row("bubble_contacts", &row);
        }
        let (inside, other) = (who(b'B', 1), who(b'D', 2));
        let met = from * DAY + 12 * HOUR;
        let (start, end) = (self.time(met), self.time(met + 600));
        self.row("colocations_further", &[&inside, &other, &start, "600"]);
        self.row("bubble_contacts", &[&inside, &other, "colocation", &start, &end]);
        // Two inside: nothing to tell.
        self.row("colocations_further", &[&inside, &who(b'B', 2), &start, "600"]);
    }

    /// Central isolation in rooms on two floors: the second leaves once; the first is a case.
    fn in_central_isolation(&mut self) {
        let (from, county) = (self.from, self.rows.county(0));
        for n in 0..self.each {
            let (person, floor) = (who(b'Q', n), (n % 2 + 2).to_string());
            let room = format!("room-{floor}{:02}", n / 2 + 1);
            let place = [&room, "hotel", "", &floor, "1", "Quarantine Hotel", county, "1", ""];
            self.row("places_further", &place);
            self.order(&person, "central", (from, self.days + 1), &room);
            for day in from..self.days {
                let out = day * DAY + 20 * HOUR;
                let leaves = n == 1 && day == from;
                let but = leaves.then_some((out, out + HOUR / 4, "corner-shop"));
                self.day_but(&person, day, &room, but);
                if leaves {
                    self.breach(
                        (&person, "central", "elsewhere"),
                        "corner-shop",
                        (out, out + HOUR / 4),
                    );
                }
            }
        }
        let sampled = (self.days - 1) * DAY + 6 * HOUR;
        self.case(&who(b'Q', 0), sampled, sampled + 8 * HOUR);
    }

    /// Health monitoring: to go to a shop is allowed, to a market where people crowd it is not.
    fn under_monitoring(&mut self) {
        let from = self.from;
        for n in 0..self.each {
            let person = who(b'N', n);
            self.order(&person, "monitor", (from, self.days + 1), "");
            let at = from * DAY + 9 * HOUR + n * 300;
            let place = if n % 2 == 0 { "fair" } else { "corner-shop" };
            self.stay(&person, at, at + HOUR / 6, place);
            if n % 2 == 0 {
                self.breach((&person, "monitor", "crowded"), place, (at, at + HOUR / 6));
            }
        }
    }

    fn arrivals(&mut self) {
        let entered = (self.days - 5).max(0) * DAY + 7 * HOUR;
        let first = self.time((self.days - 1) * DAY + 9 * HOUR);
        let again = self.time((self.days - 1) * DAY + 20 * HOUR);
        let (earlier, last) = (self.time(entered), self.time((self.days - 1) * DAY));
        for (n, cells) in [
            [&*earlier, "", "", "", ""],
            [&earlier, &first, "37.2", "", ""],
            [&earlier, &first, "36", &again, "38"],
            [&earlier, &first, "36", &again, "33.9"],
            [&earlier, &first, "24", "", ""],
            [&last, "", "", "", ""],
        ]
        .into_iter()
        .enumerate()
        {
            let person = who(b'A', n as i64);
            let [a, b, c, d, e] = cells;
            self.row("arrivals", &[&person, a, b, c, d, e]);
        }
    }

    /// People from another county: every other one has left again.
    fn visitors(&mut self) {
        for n in 0..self.each {
            let person = who(b'V', n);
            self.row("persons_further", &[&person, "", "Shangyu", ""]);
            let stays = n % 2 == 0;
            let there = if stays { self.days } else { self.days - 1 };
            for day in (self.days - 3).max(0)..there {
                self.stay(&person, day * DAY + 20 * HOUR, (day + 1) * DAY, "guest-house");
            }
            if !stays {
                let day = self.days - 1;
                self.stay(&person, day * DAY + 12 * HOUR, (day + 1) * DAY, "other-town");
            }
            self.row("visitors", &[&person, if stays { "yes" } else { "no" }]);
        }
    }

    /// A campus of four faculties with three rooms each: nearly all ways lead to a room of one's
    /// own faculty. One student is a case.
    fn on_campus(&mut self) {
        let county = self.rows.county(1);
        let room = |faculty: i64, room: i64| format!("campus-{}-{}", faculty + 1, room + 1);
        for faculty in 0..4 {
            for n in 0..3 {
                let (id, building) = (room(faculty, n), format!("F{}", faculty + 1));
                let unit = (n + 1).to_string();
                let place = [&id, "school", "", &unit, &building, "Campus", county, "1", ""];
                self.row("places_further", &place);
            }
        }
        for n in 0..self.each * 4 {
            let person = who(b'U', n);
            for day in 0..self.days {
                for hour in 0..4 {
                    let seed = self.rows.city.seed;
                    let mut dice = Dice::new(seed, 12, n as u64, (day * 4 + hour) as u64);
                    let other = dice.chance(5) && n > 0;
                    let faculty = if other { dice.roll(4) as i64 } else { n % 4 };
                    let start = day * DAY + (9 + hour * 2) * HOUR + n % 5 * 60;
                    let place = room(faculty, dice.roll(3) as i64);
                    self.stay(&person, start, start + HOUR + HOUR / 2, &place);
                }
            }
        }
        let sampled = (self.days - 2) * DAY + 20 * HOUR;
        self.case(&who(b'U', 0), sampled, sampled + 8 * HOUR);
    }
}
