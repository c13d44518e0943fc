//! The files of a city: the tables of an export, and `truth/`.
//!
//! Rows are made in blocks on all threads and written in order, a batch of blocks at a time. Packed
//! files are a member or frame a block, so packing is parallel, too.

use super::city::{BUILDINGS, City, Spot, UNITS};
use super::days::{Doing, has_app};
use super::outbreak::{Infection, Outbreak};
use super::{Dice, Made, Options, Packed};
use crate::error::{Error, Result};
use crate::time::Date;
use rayon::prelude::*;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

const DAY: i64 = 86_400;
/// People a block.
const BLOCK: u32 = 2048;

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
const SURNAMES: [&str; 10] = ["王", "李", "张", "刘", "陈", "杨", "黄", "赵", "吴", "周"];
const GIVEN: [&str; 10] = ["伟", "芳", "娜", "敏", "静", "丽", "强", "磊", "洋", "艳"];

/// Headers by table: the contract's names, and Chinese ones.
const HEADERS: [(&str, &str, &str); 5] = [
    (
        "trajectories",
        "person_id,start,end,place_id,lon,lat,accuracy_m,seat_row,protected",
        "人员编号,进入时间,离开时间,场所编号,经度,纬度,精度,座位排号,已防护",
    ),
    (
        "colocations",
        "person_a,person_b,start,seconds,distance_m,place_id",
        "人员甲,人员乙,开始时间,时长秒,距离米,场所编号",
    ),
    (
        "places",
        "place_id,kind,name,unit,building,compound,county,lon,lat,radius_m,enclosed,dense",
        "场所编号,场所类型,名称,单元,楼栋,小区,区县,经度,纬度,半径,密闭,人员密集",
    ),
    (
        "persons",
        "person_id,residence,county,groups,closed_loop_end,name",
        "人员编号,居住地,区县,重点人群,闭环结束日期,姓名",
    ),
    (
        "cases",
        "person_id,onset,sampled,confirmed,isolated,imported",
        "人员编号,发病日期,采样时间,确诊时间,隔离时间,境外输入",
    ),
];

/// Writes everything.
pub fn write(city: &City, outbreak: &Outbreak, options: &Options) -> Result<Made> {
    let export =
        Export { city, outbreak, options, start: Date::from_civil(2022, 11, 1).expect("a day") };
    let truth = options.output.join("truth");
    std::fs::create_dir_all(&truth).map_err(|e| Error::write(&truth, e))?;
    let blocks = city.persons.div_ceil(BLOCK);
    let total = u64::from(blocks) * u64::from(options.days);
    let stays = export.table("trajectories", options.split, total, |task, out| {
        let (day, block) = ((task / u64::from(blocks)) as u16, (task % u64::from(blocks)) as u32);
        let mut rows = 0;
        for person in block * BLOCK..((block + 1) * BLOCK).min(city.persons) {
            outbreak.doings(city, person, day, options.days, |doing| {
                rows += export.stay(person, &doing, out);
            });
        }
        rows
    })?;
    let (works, per) = (u64::from(city.workplaces()), 256);
    let tasks = works.div_ceil(per);
    let colocations = export.table(
        "colocations",
        options.split,
        tasks * u64::from(options.days),
        |task, out| {
            let (day, first) = ((task / tasks) as u16, task % tasks * per);
            let works = first..(first + per).min(works);
            works.map(|work| export.encounters(work as u32, day, out)).sum()
        },
    )?;
    let kinds = export.spots();
    let per = 4096;
    export.table("places", 1, (kinds.len() as u64).div_ceil(per), |task, out| {
        let from = (task * per) as usize;
        let to = (from + per as usize).min(kinds.len());
        kinds[from..to].iter().map(|&spot| export.place(spot, out)).sum()
    })?;
    export.table("persons", 1, blocks.into(), |block, out| {
        let block = block as u32;
        let people = block * BLOCK..((block + 1) * BLOCK).min(city.persons);
        people.map(|person| export.person(person, out)).sum()
    })?;
    let cases = export.table("cases", 1, 1, |_, out| {
        let infections = outbreak.infections.iter();
        infections.map(|(&person, infection)| export.case(person, infection, out)).sum()
    })?;
    export.truth(&truth)?;
    Ok(Made { stays, colocations, cases, infections: outbreak.infections.len() as u64 })
}

/// How many places of a kind there are, and each of them.
type Kind = (u32, fn(u32) -> Spot);

struct Export<'a> {
    city: &'a City,
    outbreak: &'a Outbreak,
    options: &'a Options,
    start: Date,
}

impl Export<'_> {
    /// Writes a table in `files` files out of `tasks` blocks of rows; returns the rows.
    fn table(
        &self,
        name: &str,
        files: u32,
        tasks: u64,
        rows: impl Fn(u64, &mut Vec<u8>) -> u64 + Sync,
    ) -> Result<u64> {
        let (_, english, chinese) =
            HEADERS.iter().find(|(table, ..)| *table == name).expect("a table");
        let header = format!("{}\n", if self.options.chinese { chinese } else { english });
        let mut total = 0;
        for file in 0..u64::from(files) {
            let path = self.path(name, file, files);
            let failed = |e| Error::write(&path, e);
            let mut out = BufWriter::with_capacity(1 << 20, File::create(&path).map_err(failed)?);
            let (from, to) =
                (tasks * file / u64::from(files), tasks * (file + 1) / u64::from(files));
            out.write_all(&self.pack(self.encode(header.clone().into_bytes()))).map_err(failed)?;
            let batch = rayon::current_num_threads() as u64 * 4;
            for first in (from..to).step_by(batch as usize) {
                let made: Vec<(u64, Vec<u8>)> = (first..(first + batch).min(to))
                    .into_par_iter()
                    .map(|task| {
                        let mut text = Vec::with_capacity(1 << 19);
                        let rows = rows(task, &mut text);
                        (rows, self.pack(self.encode(text)))
                    })
                    .collect();
                for (rows, packed) in made {
                    total += rows;
                    out.write_all(&packed).map_err(failed)?;
                }
            }
            out.flush().map_err(failed)?;
        }
        Ok(total)
    }

    fn path(&self, name: &str, file: u64, files: u32) -> PathBuf {
        let ending = match self.options.packed {
            Packed::Csv => "csv",
            Packed::Gzip => "csv.gz",
            Packed::Zstd => "csv.zst",
        };
        let name = if files == 1 {
            format!("{name}.{ending}")
        } else {
            format!("{name}-{:0width$}.{ending}", file + 1, width = files.to_string().len())
        };
        self.options.output.join(name)
    }

    fn encode(&self, text: Vec<u8>) -> Vec<u8> {
        if !self.options.chinese || text.is_ascii() {
            return text;
        }
        let text = String::from_utf8(text).expect("rows are text");
        encoding_rs::GB18030.encode(&text).0.into_owned()
    }

    fn pack(&self, text: Vec<u8>) -> Vec<u8> {
        match self.options.packed {
            Packed::Csv => text,
            Packed::Gzip => {
                let level = flate2::Compression::fast();
                let mut encoder = flate2::write::GzEncoder::new(Vec::new(), level);
                let packed = encoder.write_all(&text).and_then(|()| encoder.finish());
                packed.expect("memory does not fail")
            }
            Packed::Zstd => zstd::bulk::compress(&text, 3).expect("memory does not fail"),
        }
    }

    fn time(&self, local: i64, out: &mut Vec<u8>) {
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
    fn stay(&self, person: u32, doing: &Doing, out: &mut Vec<u8>) -> u64 {
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
    fn encounters(&self, work: u32, day: u16, out: &mut Vec<u8>) -> u64 {
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

    fn spots(&self) -> Vec<Spot> {
        let city = self.city;
        let kinds: [Kind; 9] = [
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

    fn place(&self, spot: Spot, out: &mut Vec<u8>) -> u64 {
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
        let circle = match spot {
            Spot::Park(park) => {
                let (lon, lat) = self.city.park(park);
                format!("{lon:.6},{lat:.6},150")
            }
            _ => ",,".to_owned(),
        };
        let row = format!(",{kind},,{address},{county},{circle},{enclosed},{dense}\n");
        out.extend_from_slice(row.as_bytes());
        1
    }

    fn county(&self, county: u32) -> &'static str {
        let names = if self.options.chinese { &COUNTIES_ZH } else { &COUNTIES };
        names[county as usize]
    }

    fn compound(&self, compound: u32) -> String {
        let names = if self.options.chinese { &COMPOUNDS_ZH } else { &COMPOUNDS };
        let (name, number) = (names[compound as usize % 8], compound / 8 + 1);
        if self.options.chinese { format!("{name}{number}期") } else { format!("{name} {number}") }
    }

    fn person(&self, person: u32, out: &mut Vec<u8>) -> u64 {
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
        let name = if self.options.chinese {
            let (surname, given) = (dice.roll(10) as usize, dice.roll(10) as usize);
            format!("{}{}", SURNAMES[surname], GIVEN[given])
        } else {
            String::new()
        };
        id(b'P', person, out);
        out.push(b',');
        spot_id(Spot::Home(household), out);
        let county = self.county(self.city.address(household).3);
        out.extend_from_slice(format!(",{county},{group},{closed_loop},{name}\n").as_bytes());
        1
    }

    /// The row of a case, if it was confirmed before the last day ended.
    fn case(&self, person: u32, infection: &Infection, out: &mut Vec<u8>) -> u64 {
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

    fn truth(&self, folder: &Path) -> Result<()> {
        let mut text = b"infector,infectee,time,place_id,confirmed\n".to_vec();
        for (&person, infection) in &self.outbreak.infections {
            if let Some(infector) = infection.infector {
                id(b'P', infector, &mut text);
            }
            text.push(b',');
            id(b'P', person, &mut text);
            text.push(b',');
            self.time(infection.at, &mut text);
            text.push(b',');
            if let Some(spot) = infection.spot {
                spot_id(spot, &mut text);
            }
            text.push(b',');
            self.time(infection.confirmed, &mut text);
            text.push(b'\n');
        }
        let path = folder.join("infections.csv");
        std::fs::write(&path, text).map_err(|e| Error::write(&path, e))
    }
}

/// A letter and seven digits or more.
fn id(letter: u8, number: u32, out: &mut Vec<u8>) {
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

fn spot_id(spot: Spot, out: &mut Vec<u8>) {
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
