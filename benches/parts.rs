//! The parts of a run, and the whole of it, on a generated city (`cargo bench`).
//!
//! Times are for one machine; `benches/peers` compares with other programs.

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use std::path::Path;
use trace::base::sieve::Wanted;
use trace::base::spans::peak;
use trace::base::time::{Instant, Span, TimeZone};
use trace::ingest::cells::{Bare, TimeReader};
use trace::ingest::{self, Folder, Settings, Silent, StayLimits};
use trace::model::{At, Case, Cases, Ends, Interest, Places, RowRef, Stay, TakeStays};
use trace::output::{OutputFolder, Provenance, write};
use trace::pipeline::{
    Outcome, Prepared, Request, analyse, conclude, inspect, prepare, scan as scan_all,
};
use trace::policy::Policy;
use trace::rules::exposure::pairs as pairs_of;
use trace::rules::facts::Facts;
use trace::rules::graph::ExposureGraph;
use trace::rules::zones::zones;
use trace::search::evidence::Evidence;
use trace::search::index::CaseIndex;
use trace::search::open::OpenRules;
use trace::search::own_stays::{CaseStays, Gathered};
use trace::search::scan::Scan;
use trace::search::watched::WatchedPlaces;
use trace::synth::{Options, Packed, make};

fn settings() -> Settings {
    let zone = TimeZone::get("Asia/Shanghai").expect("a zone");
    Settings::new(zone)
}

fn city(dir: &Path, packed: Packed) -> Folder {
    let options = Options {
        output: dir.join(format!("{packed:?}")),
        persons: 20_000,
        days: 7,
        seed: 1,
        packed,
        split: 1,
        chinese: false,
        further: false,
    };
    make(&options).expect("a city");
    Folder::open(&options.output).expect("an export")
}

fn whole(c: &mut Criterion) {
    let dir = tempfile::tempdir().expect("a folder");
    let mut group = c.benchmark_group("city of 20 000 for 7 days");
    group.sample_size(10);
    let policy = Policy::preset("cn-2022-11").expect("a policy");
    let request = Request::new(policy, settings());
    for packed in [Packed::Csv, Packed::Gzip, Packed::Zstd] {
        let folder = city(dir.path(), packed);
        group.throughput(Throughput::Bytes(folder.files.iter().map(|file| file.bytes).sum()));
        group.bench_function(format!("read and check {packed:?}"), |b| {
            b.iter(|| inspect(&folder, &request, &Silent).expect("a good export"));
        });
        group.bench_function(format!("analyse {packed:?}"), |b| {
            let policy = Policy::preset("cn-2022-11").expect("a policy");
            b.iter_batched(
                || Request::new(policy.clone(), settings()),
                |request| match analyse(folder.clone(), request, &Silent) {
                    Ok(Outcome::Done(analysis)) => analysis,
                    other => panic!("{other:?}"),
                },
                BatchSize::PerIteration,
            );
        });
    }
    for threads in [1, 2] {
        let folder = city(&dir.path().join(threads.to_string()), Packed::Csv);
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads");
        group.throughput(Throughput::Bytes(folder.files.iter().map(|file| file.bytes).sum()));
        group.bench_function(format!("read and check, {threads} threads"), |b| {
            b.iter(|| pool.install(|| inspect(&folder, &request, &Silent).expect("good")));
        });
    }
    group.finish();
}

/// Takes nobody's stays, or passes all by.
struct Nobody<'w>(Option<&'w Wanted<'w>>);

impl Interest for Nobody<'_> {
    fn persons(&self) -> Option<&Wanted<'_>> {
        self.0
    }

    fn may_matter(&self, _: At<'_>, _: Span) -> bool {
        false
    }
}

impl TakeStays for Nobody<'_> {
    fn stay(&mut self, _: &Stay<'_>) {}
}

/// The stages of a run, one after the other, on a city of 20 000 for 7 days.
fn stages(c: &mut Criterion) {
    let dir = tempfile::tempdir().expect("a folder");
    let folder = city(dir.path(), Packed::Csv);
    let policy = Policy::preset("cn-2022-11").expect("a policy");
    let request = Request::new(policy, settings());
    let prepared = || match prepare(folder.clone(), request.clone(), &Silent) {
        Ok(Outcome::Done(prepared)) => prepared,
        other => panic!("{other:?}"),
    };
    let known = prepared();
    let (index, exposure) = (&known.index, &request.policy.exposure);
    let limits = StayLimits::new(&request.policy, index.as_of());
    let read = |wanted| {
        let start = || Nobody(wanted);
        ingest::read_stays(&folder, &settings(), &limits, (&Silent, ""), start).expect("good")
    };
    let wanted = Wanted::new(std::iter::once(&b"nobody"[..]), &|_| false);
    let scanned = || scan_all(&folder, &request, index, &Silent).expect("good");
    let evidence = scanned().found;
    let settled = || evidence.clone().settle(&mut known.places.clone());
    let pairs = |settled: &Evidence| pairs_of(settled, &known.places, exposure);

    let mut group = c.benchmark_group("stages");
    group.sample_size(10);
    group.throughput(Throughput::Bytes(folder.files.iter().map(|file| file.bytes).sum()));
    group.bench_function("cut: lines and first bytes", |b| b.iter(|| read(Some(&wanted)).0.len()));
    group.bench_function("batch: cells, times, places", |b| b.iter(|| read(None).0.len()));
    group.bench_function("scan", |b| b.iter(|| scanned().account.files.len()));
    group.bench_function("settle", |b| b.iter(|| settled().matches().len()));
    group.bench_function("exposure", |b| {
        let settled = settled();
        b.iter(|| ExposureGraph::new(index.cases(), &settled, pairs(&settled)));
    });
    group.bench_function("zones", |b| {
        let mut settled = settled();
        let presence = settled.take_presence();
        let graph = ExposureGraph::new(index.cases(), &settled, pairs(&settled));
        let (policy, zone, as_of) = (&request.policy, &request.settings.zone, index.as_of());
        let (cases, persons, places) = (index.cases(), &known.persons, &known.places);
        let registers = trace::model::registers::Registers::default();
        let facts = Facts {
            cases,
            persons,
            places,
            registers: &registers,
            policy,
            zone,
            as_of,
            expand: false,
        };
        let areas = (&known.frequented, &known.candidates);
        let of = |presence| zones(&facts, areas, &known.watch, (&settled, presence), &graph);
        b.iter_batched(|| presence.clone(), of, BatchSize::PerIteration);
    });
    group.bench_function("all after the scan", |b| {
        let start = || (prepared(), scanned());
        let end = |(prepared, scanned): (Box<Prepared>, _)| conclude(*prepared, scanned);
        b.iter_batched(start, |start| end(start).expect("good"), BatchSize::PerIteration);
    });
    group.bench_function("tables", |b| {
        let analysis = match conclude(*prepared(), scanned()) {
            Ok(Outcome::Done(analysis)) => analysis,
            other => panic!("{other:?}"),
        };
        let out = dir.path().join("out");
        let output = OutputFolder::claim(&out, &folder.path, false).expect("a folder");
        b.iter(|| write(&analysis, &output, &Provenance::default()).expect("good").1);
    });
    group.finish();
}

fn stay<'a>(person: &'a [u8], at: &'a [u8], start: Instant, minutes: i64) -> Stay<'a> {
    let span = Span { start, end: Instant(start.0 + minutes * 60) };
    let (at, row) = (At::Place(at), RowRef::new(0, 1));
    let (ends, seat_row) = (Ends::Recorded, None);
    Stay { person, at, span, ends, seat_row, protected: false, row }
}

/// One stay against an index of 500 cases at 5 000 places: at a place of theirs, and elsewhere.
fn scan(c: &mut Criterion) {
    let policy = Policy::preset("cn-2022-11").expect("a policy");
    let zone = TimeZone::get("Asia/Shanghai").expect("a zone");
    let day = |n: i64| Instant(1_667_900_000 + n * 86_400);
    let case = |n: u32| Case {
        id: format!("C{n}").into(),
        onset: None,
        sampled: None,
        confirmed: day(10),
        isolated: None,
        imported: false,
        row: RowRef::new(0, 1),
    };
    let cases = Cases::new((0..500).map(case).collect(), &policy.exposure, &zone, day(12));
    let open = OpenRules::new(&policy.exposure, day(12));
    let mut own = Gathered::new(&cases);
    for n in 0..50_000i64 {
        let (person, place) = (format!("C{}", n % 500), format!("V{}", n * 7 % 5_000));
        let start = Instant(day(9).0 + n * 3);
        own.stay(&stay(person.as_bytes(), place.as_bytes(), start, 30));
    }
    let mut places = Places::default();
    let stays = CaseStays::new(vec![own], &mut places, &open, None);
    let index = CaseIndex::new(
        cases,
        stays,
        &places,
        &WatchedPlaces::default(),
        (&policy.exposure, &zone, day(12)),
    );
    let mut group = c.benchmark_group("scan");
    group.throughput(Throughput::Elements(1));
    for (name, place) in [("a place of cases", &b"V70"[..]), ("another place", &b"elsewhere"[..])] {
        let row = stay(b"P1", place, Instant(day(9).0 + 40_000), 60);
        group.bench_function(name, |b| {
            b.iter_batched_ref(|| Scan::new(&index), |scan| scan.stay(&row), BatchSize::SmallInput);
        });
    }
    group.finish();
}

fn sliding_window(c: &mut Criterion) {
    let spans: Vec<Span> = (0..10_000)
        .filter_map(|n| Span::new(Instant(n * 700), Instant(n * 700 + 60 + n * 37 % 500)))
        .collect();
    let mut group = c.benchmark_group("sliding window");
    group.throughput(Throughput::Elements(spans.len() as u64));
    group.bench_function("24 h over 10 000 intervals", |b| b.iter(|| peak(&spans, 86_400)));
    group.finish();
}

fn times(c: &mut Criterion) {
    let zone = TimeZone::get("Asia/Shanghai").expect("a zone");
    let mut clock = TimeReader::new(&zone);
    let mut group = c.benchmark_group("one time");
    for cell in ["2022-11-09 08:30:00", "2022/11/9 8:30", "1667953800"] {
        group.bench_function(cell, |b| b.iter(|| clock.read(cell.as_bytes(), Bare::Start)));
    }
    group.finish();
}

criterion_group!(benches, whole, stages, scan, sliding_window, times);
criterion_main!(benches);
