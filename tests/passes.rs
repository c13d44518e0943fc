//! Ordinary rows are taken by the column, hundreds at once, and most are passed by. That changes
//! nothing but who is handed what: stays, co-locations, rejects and counts are those of row by row,
//! whatever the encoding.

use proptest::prelude::*;
use std::path::Path;
use trace::base::time::{Instant, Span, TimeZone};
use trace::ingest::{self, Account, Folder, Settings, Silent, StayLimits};
use trace::model::{At, Colocation, Interest, Stay, TakeColocations, TakeStays};
use trace::policy::Policy;

/// Remembers what it is handed and, if it is `lazy`, passes by what it can.
struct Taker {
    lazy: bool,
    stays: Vec<String>,
}

/// Whether a place or a coordinate is one that nobody asks for.
fn is_dull(at: At<'_>) -> bool {
    match at {
        At::Place(id) => id.last().is_some_and(|byte| byte % 2 == 0),
        At::Coord(at) => at.lon < 121.0,
    }
}

fn is_dull_pair(persons: [&[u8]; 2]) -> bool {
    persons.iter().all(|person| person.last().is_some_and(|byte| byte % 4 != 0))
}

impl Interest for Taker {
    fn may_matter(&self, at: At<'_>, span: Span) -> bool {
        assert!(span.start < span.end);
        !(self.lazy && is_dull(at))
    }

    fn may_matter_to(&self, persons: [&[u8]; 2]) -> bool {
        !(self.lazy && is_dull_pair(persons))
    }
}

impl TakeStays for Taker {
    fn stay(&mut self, stay: &Stay<'_>) {
        assert_eq!(stay.person.first(), Some(&b'P'));
        if !is_dull(stay.at) {
            self.stays.push(format!("{stay:?}"));
        }
    }
}

impl TakeColocations for Taker {
    fn colocation(&mut self, row: &Colocation<'_>) {
        if !is_dull_pair([row.person_a, row.person_b]) {
            self.stays.push(format!("{row:?}"));
        }
    }
}

type Seen = (Vec<String>, String);

/// How a file is written.
#[derive(Debug, Clone, Copy)]
enum Written {
    Ascii,
    Utf8,
    /// UTF-8, but for some bytes.
    Damaged,
    Gb18030,
}

impl Written {
    /// A text in which `甲` and `Ø` stand for themselves, for damage, or for a letter.
    fn bytes(self, text: &str) -> Vec<u8> {
        match self {
            Written::Ascii => text.replace(['甲', 'Ø', '\u{3000}'], "Q").into_bytes(),
            Written::Utf8 => text.replace('Ø', "乙").into_bytes(),
            Written::Damaged => {
                let pieces: Vec<&[u8]> = text.split('Ø').map(str::as_bytes).collect();
                pieces.join(&b"\xff"[..])
            }
            Written::Gb18030 => {
                encoding_rs::GB18030.encode(&text.replace('Ø', "乙")).0.into_owned()
            }
        }
    }
}

/// The same rows, of which none is read by the column: of every two neighbours one ends with `\r\n`
/// and one with `\n`, and rows of a batch end alike.
fn row_by_row(text: &str) -> String {
    let ends = ["\r\n", "\n"].into_iter().cycle();
    text.lines().zip(ends).flat_map(|(line, end)| [line, end]).collect()
}

/// The same rows with every cell in quotes.
fn quoted(text: &str) -> String {
    let row = |line: &str| {
        let cells: Vec<String> = line.split(',').map(|cell| format!("\"{cell}\"")).collect();
        cells.join(",")
    };
    text.split_inclusive('\n')
        .map(|line| {
            let end = if line.ends_with("\r\n") { "\r\n" } else { "\n" };
            row(line.trim_end_matches(['\r', '\n'])) + end
        })
        .collect()
}

fn seen((takers, mut account): (Vec<Taker>, Account)) -> Seen {
    let mut stays: Vec<String> = takers.into_iter().flat_map(|taker| taker.stays).collect();
    stays.sort();
    account.sort();
    (stays, format!("{:?} {:?}", account.files, account.rejects))
}

fn read(dir: &Path, lazy: bool, ping_seconds: u32) -> [Seen; 2] {
    let zone = TimeZone::get("Asia/Shanghai").unwrap();
    let settings = Settings { max_rejects: 1.0, ..Settings::new(zone) };
    let folder = Folder::open(dir).unwrap();
    let mut policy = Policy::preset("cn-2022-11").unwrap();
    policy.exposure.ping_seconds = ping_seconds;
    policy.exposure.ping_gap_minutes = ping_seconds % 2;
    let as_of = Instant(1_669_000_000);
    let rules = StayLimits::new(&policy, as_of);
    let start = || Taker { lazy, stays: Vec::new() };
    let stays = ingest::read_stays(&folder, &settings, &rules, (&Silent, ""), start).unwrap();
    let pairs = ingest::read_colocations(&folder, &settings, as_of, &Silent, start).unwrap();
    [seen(stays), seen(pairs)]
}

const TIME: &str = "2022-1[012]-[0-2][0-9] [01][0-9]:[0-5][0-9]:[0-5][0-9]";
const PERSON: &str = "P[0-9]{1,2}|P[0-9]{7,9}";
const OTHER_PERSON: &str =
    " P1|P22 ||NULL|-|NA|不详|P甲[0-9]|P1甲|P1\u{3000}|P甲 |P1Ø1|P\u{0}1|P1\u{7f}1|PØ";
const OTHER_PLACE: &str =
    " H1|H2 ||None|/|\\\\N|无|甲[0-9]|[0-9]甲[0-9]|\u{3000}H1|H1Ø|甲Ø|H\u{0}1";

/// A cell that is nearly always `usual`, and else `other`.
fn cell(usual: &'static str, other: &'static str) -> impl Strategy<Value = String> {
    prop_oneof![30 => usual, 1 => other]
}

fn rows(cells: Vec<BoxedStrategy<String>>) -> impl Strategy<Value = String> {
    let row = (cells, cell("|滨江花园", "Ø|甲"))
        .prop_map(|(cells, remark)| cells.join(",") + "," + &remark);
    let row = prop_oneof![400 => row, 1 => "P1,,,|P1| |P[0-9],2022-11-0[1-9],,,,,,,"];
    (proptest::collection::vec(row, 0..700), any::<bool>()).prop_map(|(rows, crlf)| {
        let end = if crlf { "\r\n" } else { "\n" };
        rows.into_iter().map(|row| row + end).collect()
    })
}

fn visits() -> impl Strategy<Value = String> {
    let place = cell("H[0-9]{1,9}", OTHER_PLACE);
    rows(vec![
        cell(PERSON, OTHER_PERSON).boxed(),
        cell(TIME, "2022-11-09|noon|").boxed(),
        cell(TIME, "2022-11-09|2022-11-09T08:30:00|").boxed(),
        place.boxed(),
        cell("", "121.5").boxed(),
        cell("", "31.25|91").boxed(),
        cell("", "1|x").boxed(),
    ])
    .prop_map(|rows| format!("person_id,start,end,place_id,lon,lat,protected,remarks\n{rows}"))
}

fn pings() -> impl Strategy<Value = String> {
    rows(vec![
        cell(PERSON, OTHER_PERSON).boxed(),
        cell(TIME, "2022-11-09|noon|").boxed(),
        cell("12[01]\\.[0-9]{1,8}", "-?[0-9]{1,3}(\\.5)?|").boxed(),
        cell("31\\.[0-9]{1,8}", "9[01]|").boxed(),
        cell("", "5|900").boxed(),
    ])
    .prop_map(|rows| format!("person_id,start,lon,lat,accuracy_m,remarks\n{rows}"))
}

/// Stays at places and positions side by side.
fn mixed() -> impl Strategy<Value = String> {
    let of = |usual: [&'static str; 5]| {
        let cells = usual.map(|usual| cell(usual, "2022-11-09| |x|H1").boxed());
        rows(std::iter::once(cell(PERSON, OTHER_PERSON).boxed()).chain(cells).collect())
    };
    let (lon, lat) = ("12[01]\\.[0-9]{1,8}", "31\\.[0-9]{1,8}");
    (of([TIME, TIME, "H[0-9]{1,9}", "", ""]), of([TIME, "", "", lon, lat])).prop_map(|(a, b)| {
        let (a, b) = (a.replace("\r\n", "\n"), b.replace("\r\n", "\n"));
        let both: String = a.lines().zip(b.lines()).flat_map(|(a, b)| [a, "\n", b, "\n"]).collect();
        format!("person_id,start,end,place_id,lon,lat,remarks\n{both}")
    })
}

/// Co-locations with an end, with seconds, or with either.
fn meetings() -> impl Strategy<Value = String> {
    let of = |end: BoxedStrategy<String>, seconds: BoxedStrategy<String>| {
        rows(vec![
            cell(PERSON, OTHER_PERSON).boxed(),
            cell(PERSON, "P1|P2||P甲1").boxed(),
            cell(TIME, "2022-11-09|").boxed(),
            end,
            seconds,
            cell("|H[0-9]", OTHER_PLACE).boxed(),
            cell("|1\\.[0-9]", "0.5|-1|near").boxed(),
            cell("", "1").boxed(),
            cell("|-[0-9]{2}", "-70.5|faint").boxed(),
        ])
    };
    let header = "person_a,person_b,start,end,seconds,place_id,distance_m,protected,rssi,remarks\n";
    prop_oneof![
        of(cell(TIME, "2022-11-09|").boxed(), cell("", "60").boxed()),
        of(cell("", TIME).boxed(), cell("[0-9]{1,4}", "|1e2|-5|60.5|0123456789").boxed()),
    ]
    .prop_map(move |rows| format!("{header}{rows}"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn by_the_column_is_as_row_by_row(
        visits in visits(), pings in pings(), mixed in mixed(), meetings in meetings(),
        ping_seconds in prop_oneof![1 => Just(0), 9 => 1u32..100],
        written in proptest::sample::select(
            vec![Written::Ascii, Written::Utf8, Written::Damaged, Written::Gb18030])) {
        let write = |change: fn(&str) -> String| {
            let dir = tempfile::tempdir().unwrap();
            let put = |name: &str, text: &str| {
                std::fs::write(dir.path().join(name), written.bytes(&change(text))).unwrap();
            };
            put("cases.csv", "person_id,confirmed\n");
            put("trajectories-1.csv", &visits);
            put("trajectories-2.csv", &pings);
            put("trajectories-3.csv", &mixed);
            put("colocations.csv", &meetings);
            dir
        };
        let (by_column, by_row) = (write(str::to_owned), write(row_by_row));
        let expected = read(by_row.path(), false, ping_seconds);
        prop_assert_eq!(&read(by_column.path(), false, ping_seconds), &expected);
        prop_assert_eq!(&read(by_column.path(), true, ping_seconds), &expected);
        let (by_column, by_row) = (write(quoted), write(|text| row_by_row(&quoted(text))));
        let expected = read(by_row.path(), false, ping_seconds);
        prop_assert_eq!(&read(by_column.path(), true, ping_seconds), &expected);
    }
}
