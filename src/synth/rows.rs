//! The rows of a city's tables, as bytes.

use super::Dice;
use super::Options;
use super::city::City;
use super::city::{BUILDINGS, Spot, UNITS};
use super::days::{Doing, has_app};
use super::outbreak::{Infection, Outbreak};
use crate::base::time::Date;

const DAY: i64 = 86_400;

const COUNTIES: [&str; 12] = [
    "Binjiang", "Xihu", "Gongshu", "Xiaoshan", "Yuhang", "Fuyang", "Linan", "Tonglu", "Chunan",
    "Jiande", "Linping", "Qiantang",
];
const COUNTIES_ZH: [&str; 12] = [
    "滨江区",
    "西湖区",
    "拱墅区",
    "萧山区",
    "余杭区",
    "富阳区",
    "临安区",
    "桐庐县",
    "淳安县",
    "建德市",
    "临平区",
    "钱塘区",
];
const COMPOUNDS: [&str; 8] = [
    "Rose Garden",
    "East Lake",
    "Maple Court",
    "Riverside",
    "Green Park",
    "Sunny Hill",
    "Orchid House",
    "Pine Grove",
];
const COMPOUNDS_ZH: [&str; 8] =
    ["玫瑰园", "东湖苑", "枫林里", "江滨花园", "绿园", "朝阳小区", "兰亭", "松涛苑"];
const SURNAMES: [&str; 10] =
    ["Wang", "Li", "Zhang", "Liu", "Chen", "Yang", "Huang", "Zhao", "Wu", "Zhou"];
const GIVEN: [&str; 10] = ["Wei", "Fang", "Na", "Min", "Jing", "Li", "Qiang", "Lei", "Yang", "Yan"];
const SURNAMES_ZH: [&str; 10] = ["王", "李", "张", "刘", "陈", "杨", "黄", "赵", "吴", "周"];
const GIVEN_ZH: [&str; 10] = ["伟", "芳", "娜", "敏", "静", "丽", "强", "磊", "洋", "艳"];

/// How many places of a kind there are, and each of them.
type Venue = (u32, fn(u32) -> Spot);

/// What rows are made from.
pub(super) struct RowMaker<'a> {
    pub city: &'a City,
    pub outbreak: &'a Outbreak,
    pub options: &'a Options,
    /// The first day.
    pub start: Date,
}

impl RowMaker<'_> {
    pub(super) fn time(&self, local: i64, out: &mut Vec<u8>) {
        let (year, month, day) = self.start.plus(local.div_euclid(DAY)).civil();
        let second = local.rem_euclid(DAY);
        let two = |n: i64| [b'0' + (n / 10) as u8, b'0' + (n % 10) as u8];
        out.extend_from_slice(&two(i64::from(year / 100)));
        out.extend_from_slice(&two(i64::from(year % 100)));
        for (mark, value) in [
            (b'-', i64::from(month)),
            (b'-', i64::from(day)),
            (b' ', second / 3600),
            (b':', second / 60 % 60),
            (b':', second % 60),
        ] {
            out.push(mark);
            out.extend_from_slice(&two(value));
        }
    }

    /// The row or rows of a stay: a visit to a park with the app is a track of positions.
    pub(super) fn stay(&self, person: u32, doing: &Doing, out: &mut Vec<u8>) -> u64 {
        let protected: &[u8] = if doing.protected { b"1" } else { b"" };
        if let Spot::Park(park) = doing.spot
            && has_app(self.city, person)
        {
            return self.track(person, park, doing, protected, out);
        }
        id(b'P', person, out);
        out.push(b',');
        self.time(doing.start, out);
        out.push(b',');
        // Venues are entered with a scan; half of them know when one leaves.
        let scanned = matches!(doing.spot, Spot::Shop(_) | Spot::Restaurant(_) | Spot::Market(_));
        if !(scanned && doing.start % 2 == 0) {
            self.time(doing.end, out);
        }
        out.push(b',');
        spot_id(doing.spot, out);
        out.extend_from_slice(b",,,,");
        if let Some(row) = doing.seat_row {
            out.extend_from_slice(row.to_string().as_bytes());
        }
        out.push(b',');
        out.extend_from_slice(protected);
        out.push(b'\n');
        1
    }

    fn track(
        &self,
        person: u32,
        park: u32,
        doing: &Doing,
        protected: &[u8],
        out: &mut Vec<u8>,
    ) -> u64 {
        let (lon, lat) = self.city.park(park);
        let mut dice = Dice::new(self.city.seed, 9, person.into(), doing.start as u64);
        // People walk along one path of some hundred metres.
        let mut along = dice.roll(400) as f64;
        let (mut rows, mut at) = (0, doing.start);
        while at < doing.end {
            along = (along + dice.roll(60) as f64) % 400.0;
            let (x, y) = (lon + along * 1e-6, lat + along * 8e-7 + dice.roll(30) as f64 * 1e-6);
            id(b'P', person, out);
            out.push(b',');
            self.time(at, out);
            let accuracy = 5 + dice.roll(60);
            out.extend_from_slice(format!(",,,{x:.6},{y:.6},{accuracy},,").as_bytes());
            out.extend_from_slice(protected);
            out.push(b'\n');
            rows += 1;
            at += 60;
        }
        rows
    }

    /// What the phones of a workplace's teams of four noted on a day.
    pub(super) fn encounters(&self, work: u32, day: u16, out: &mut Vec<u8>) -> u64 {
        let mut rows = 0;
        for team in self.city.workers(work).chunks(4) {
            for (n, &a) in team.iter().enumerate() {
                for &b in &team[n + 1..] {
                    if has_app(self.city, a) && has_app(self.city, b) {
                        rows += self.encounter(work, a, b, day, out);
                    }
                }
            }
        }
        rows
    }

    fn encounter(&self, work: u32, a: u32, b: u32, day: u16, out: &mut Vec<u8>) -> u64 {
        let spans = [a, b].map(|person| {
            let (mut from, mut to) = (i64::MAX, i64::MIN);
            self.outbreak.doings(self.city, person, day, self.options.days, |doing| {
                if doing.spot == Spot::Work(work) {
                    (from, to) = (from.min(doing.start), to.max(doing.end));
                }
            });
            (from, to)
        });
        let (from, to) = (spans[0].0.max(spans[1].0), spans[0].1.min(spans[1].1));
        if from >= to {
            return 0;
        }
        let mut dice =
            Dice::new(self.city.seed, 10, a.into(), (u64::from(b) << 16) | u64::from(day));
        let mut rows = 0;
        for _ in 0..dice.roll(4) {
            let length = 20 + dice.roll(900) as i64;
            if to - from <= length {
                break;
            }
            let at = from + dice.roll((to - from - length) as u64) as i64;
            id(b'P', a, out);
            out.push(b',');
            id(b'P', b, out);
            out.push(b',');
            self.time(at, out);
            let decimetres = 4 + dice.roll(40);
            out.extend_from_slice(
                format!(",{length},{}.{},", decimetres / 10, decimetres % 10).as_bytes(),
            );
            spot_id(Spot::Work(work), out);
            out.push(b'\n');
            rows += 1;
        }
        rows
    }

    pub(super) fn spots(&self) -> Vec<Spot> {
        let city = self.city;
        let kinds: [Venue; 9] = [
            (city.households(), Spot::Home),
            (city.workplaces(), Spot::Work),
            (city.classes, Spot::Class),
            (city.shops, Spot::Shop),
            (city.restaurants, Spot::Restaurant),
            (city.markets, Spot::Market),
            (city.hospitals, Spot::Hospital),
            (city.parks, Spot::Park),
            (city.carriages, Spot::Carriage),
        ];
        kinds.iter().flat_map(|&(count, spot)| (0..count).map(spot)).collect()
    }

    pub(super) fn place(&self, spot: Spot, out: &mut Vec<u8>) -> u64 {
        let county = self.county(self.city.county_of(spot));
        let (kind, enclosed, dense) = match spot {
            Spot::Home(_) => ("residence", "1", ""),
            Spot::Work(_) => ("work", "1", ""),
            Spot::Class(_) => ("school", "1", ""),
            Spot::Shop(_) => ("shop", "1", ""),
            Spot::Restaurant(_) => ("restaurant", "1", ""),
            Spot::Market(_) => ("market", "1", "1"),
            Spot::Hospital(_) => ("medical", "1", ""),
            Spot::Park(_) => ("park", "0", "0"),
            Spot::Carriage(_) => ("transport", "1", ""),
        };
        spot_id(spot, out);
        let address = match spot {
            Spot::Home(household) => {
                let (unit, building, compound, _) = self.city.address(household);
                let (unit, building) = (unit % UNITS + 1, building % BUILDINGS + 1);
                format!("{unit},{building},{}", self.compound(compound))
            }
            _ => ",,".to_owned(),
        };
        let radius = if matches!(spot, Spot::Park(_)) { "150" } else { "" };
        let position = match self.city.position(spot) {
            Some((lon, lat)) => format!("{lon:.6},{lat:.6},{radius}"),
            None => ",,".to_owned(),
        };
        let name = self.name(spot);
        let row = format!(",{kind},{name},{address},{county},{position},{enclosed},{dense}\n");
        out.extend_from_slice(row.as_bytes());
        1
    }

    /// What a place is called; homes go by their address.
    fn name(&self, spot: Spot) -> String {
        let (english, chinese, number) = match spot {
            Spot::Home(_) => return String::new(),
            Spot::Work(n) => ("Works", "工厂", n),
            Spot::Class(n) => ("Class", "班级", n),
            Spot::Shop(n) => ("Shop", "便利店", n),
            Spot::Restaurant(n) => ("Restaurant", "餐馆", n),
            Spot::Market(n) => ("Market", "农贸市场", n),
            Spot::Hospital(n) => ("Hospital", "医院", n),
            Spot::Park(n) => ("Park", "公园", n),
            Spot::Carriage(n) => ("Carriage", "车厢", n),
        };
        let number = number + 1;
        if self.options.chinese {
            format!("{chinese}{number}")
        } else {
            format!("{english} {number}")
        }
    }

    pub(super) fn county(&self, county: u32) -> &'static str {
        let names = if self.options.chinese { &COUNTIES_ZH } else { &COUNTIES };
        names[county as usize]
    }

    fn compound(&self, compound: u32) -> String {
        let names = if self.options.chinese { &COMPOUNDS_ZH } else { &COMPOUNDS };
        let (name, number) = (names[compound as usize % 8], compound / 8 + 1);
        if self.options.chinese { format!("{name}{number}期") } else { format!("{name} {number}") }
    }

    pub(super) fn person(&self, person: u32, out: &mut Vec<u8>) -> u64 {
        let household = self.city.household(person);
        let mut dice = Dice::new(self.city.seed, 11, person.into(), 0);
        let group = match dice.roll(40) {
            0 => "elderly",
            1 => "pregnant",
            2 => "dialysis;elderly",
            _ => "",
        };
        let closed_loop = if dice.roll(500) == 0 {
            self.start.plus(dice.roll(self.options.days.into()) as i64).to_string()
        } else {
            String::new()
        };
        let (surname, given) = (dice.roll(10) as usize, dice.roll(10) as usize);
        let name = if self.options.chinese {
            format!("{}{}", SURNAMES_ZH[surname], GIVEN_ZH[given])
        } else {
            format!("{} {}", SURNAMES[surname], GIVEN[given])
        };
        id(b'P', person, out);
        out.push(b',');
        spot_id(Spot::Home(household), out);
        let county = self.county(self.city.address(household).3);
        // No phone in use has a number that begins with 100.
        out.extend_from_slice(
            format!(",{county},{group},{closed_loop},{name},100{person:08}\n").as_bytes(),
        );
        1
    }

    /// The row of a case, if it was confirmed before the last day ended.
    pub(super) fn case(&self, person: u32, infection: &Infection, out: &mut Vec<u8>) -> u64 {
        let end = i64::from(self.options.days) * DAY;
        if infection.confirmed >= end {
            return 0;
        }
        id(b'P', person, out);
        out.push(b',');
        if let Some(onset) = infection.onset {
            out.extend_from_slice(self.start.plus(onset / DAY).to_string().as_bytes());
        }
        out.push(b',');
        self.time(infection.sampled, out);
        out.push(b',');
        self.time(infection.confirmed, out);
        out.push(b',');
        if infection.isolated < end {
            self.time(infection.isolated, out);
        }
        out.extend_from_slice(if infection.infector.is_none() { b",1\n" } else { b",\n" });
        1
    }
}

/// A letter and seven digits or more.
pub(super) fn id(letter: u8, number: u32, out: &mut Vec<u8>) {
    out.push(letter);
    let mut digits = [b'0'; 10];
    let (mut rest, mut first) = (number, 10);
    while rest > 0 || first > 3 {
        first -= 1;
        digits[first] = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    out.extend_from_slice(&digits[first..]);
}

pub(super) fn spot_id(spot: Spot, out: &mut Vec<u8>) {
    let (letter, number) = match spot {
        Spot::Home(n) => (b'H', n),
        Spot::Work(n) => (b'W', n),
        Spot::Class(n) => (b'C', n),
        Spot::Shop(n) => (b'S', n),
        Spot::Restaurant(n) => (b'R', n),
        Spot::Market(n) => (b'M', n),
        Spot::Hospital(n) => (b'D', n),
        Spot::Park(n) => (b'K', n),
        Spot::Carriage(n) => (b'T', n),
    };
    id(letter, number, out);
}
