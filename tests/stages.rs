//! The stages one by one: an index goes to a worker as a file, and evidence comes back as tables.

use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::Path;
use trace::arrow::RecordBatch;
use trace::base::time::{Instant, Span, TimeZone};
use trace::ingest::{Folder, Settings, Silent};
use trace::model::{At, Colocation, Ends, RowRef, Stay, TakeColocations, TakeStays};
use trace::pipeline::{Outcome, Prepared, Request, prepare};
use trace::policy::Policy;
use trace::search::evidence::Found;
use trace::search::evidence::wire::{EvidenceBatch, EvidenceRow};
use trace::search::index::CaseIndex;
use trace::search::scan::Scan;

fn prepared() -> Box<Prepared> {
    let policy = Policy::preset("cn-2022-11").unwrap();
    let zone = TimeZone::get(&policy.timezone).unwrap();
    let settings = Settings::new(zone);
    let request = Request::new(policy, settings);
    let folder = Folder::open(Path::new("data/samples/city")).unwrap();
    match prepare(folder, request, &Silent).unwrap() {
        Outcome::Done(prepared) => prepared,
        Outcome::TooManyRejects(rejected) => panic!("{}", rejected.error),
    }
}

fn file(index: &CaseIndex) -> Vec<u8> {
    let mut file = Vec::new();
    index.write(&mut file).unwrap();
    file
}

#[test]
fn an_index_is_read_back_as_it_was() {
    let prepared = prepared();
    let written = file(&prepared.index);
    assert_eq!(file(&CaseIndex::read(&written[..]).unwrap()), written);
}

#[test]
fn a_damaged_index_is_an_error() {
    let written = file(&prepared().index);
    for at in (0..written.len()).step_by(written.len() / 300) {
        let mut damaged = written.clone();
        damaged[at] ^= 1 << (at % 8);
        assert!(CaseIndex::read(&damaged[..]).is_err(), "byte {at}");
        assert!(CaseIndex::read(&written[..at]).is_err(), "cut at {at}");
    }
    assert!(CaseIndex::read(&[&written[..], b"\n{}"].concat()[..]).is_err());
}

/// The error of an index in which `from` stands as `to`, with the hash of that.
fn changed(written: &[u8], from: &str, to: &str) -> String {
    let text = std::str::from_utf8(written).unwrap();
    let (body, _) = text.trim_end().rsplit_once('\n').unwrap();
    assert!(body.contains(from));
    let body = format!("{}\n", body.replacen(from, to, 1));
    let hash = Sha256::digest(&body).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let file = format!("{body}{{\"sha256\":\"{hash}\"}}\n");
    CaseIndex::read(file.as_bytes()).unwrap_err().to_string()
}

#[test]
fn an_index_of_another_version_or_that_contradicts_itself_is_an_error() {
    let written = file(&prepared().index);
    let other = changed(&written, "\"trace_index\":1", "\"trace_index\":2");
    assert!(other.contains("version 2, not 1") && other.contains("hint: make it again"), "{other}");
    let nobody = changed(&written, "{\"case\":0,", "{\"case\":999999,");
    assert!(nobody.contains("no stay of a case"), "{nobody}");
    let unknown = changed(&written, "\"imported\":", "\"innocent\":");
    assert!(unknown.contains("line 2") && unknown.contains("innocent"), "{unknown}");
}

#[test]
fn evidence_and_what_is_open_come_back_from_tables() {
    let prepared = prepared();
    let index = &prepared.index;
    let (case, own) = index
        .cases()
        .iter()
        .find_map(|(idx, case)| Some((case, index.stays().iter().find(|stay| stay.case == idx)?)))
        .unwrap();
    let mut scan = Scan::new(index);
    for (n, (_, id)) in (0..).zip(index.hot_places()) {
        let person = format!("somebody {}", n % 7);
        for (ends, span) in [(Ends::Recorded, own.span), (Ends::Open, own.span)] {
            let (at, row) = (At::Place(id.as_bytes()), RowRef::new(3, n + 2));
            let person = person.as_bytes();
            scan.stay(&Stay { person, at, span, ends, seat_row: Some(2), protected: false, row });
        }
    }
    let start = index.cases().window_start(index.cases().find(&*case.id).unwrap());
    for (n, place) in (0..).zip(["", "a place that only this row names"]) {
        for is_sighting in [false, true] {
            let span = Span { start, end: Instant(start.0 + if is_sighting { 1 } else { 900 }) };
            scan.colocation(&Colocation {
                person_a: b"somebody else",
                person_b: case.id.as_bytes(),
                span,
                is_sighting,
                place: place.as_bytes(),
                distance_m: None,
                rssi_dbm: None,
                protected: false,
                row: RowRef::new(4, n + 2),
            });
        }
    }
    let evidence = scan.finish();
    let tables = evidence.clone().to_batches(index);
    let kinds = |tables: &[RecordBatch]| {
        let mut kinds = BTreeMap::<String, usize>::new();
        for batch in tables {
            let batch = EvidenceBatch::new(batch).unwrap();
            batch.rows().for_each(|row| *kinds.entry(row.kind.to_owned()).or_default() += 1);
        }
        kinds
    };
    let found = kinds(&tables);
    assert!(found["match"] > 2 && found["visit"] > 0, "{found:?}");
    assert!(found["open"] > 2 && found["sighting"] == 2, "{found:?}");
    let back = Found::from_batches(&tables, index).unwrap();
    assert_eq!(kinds(&back.clone().to_batches(index)), found);
    let settled = |evidence: Found| {
        let mut settled = evidence.settle(&mut prepared.places.clone());
        (settled.take_presence(), settled.matches().to_vec())
    };
    assert_eq!(settled(back), settled(evidence));

    // Of people who are no cases of this index nothing is taken.
    let batch = EvidenceBatch::new(&tables[0]).unwrap();
    let of_case = batch.rows().find(|row| row.kind == "match").unwrap();
    let strange = EvidenceRow { case_id: of_case.person_id, ..of_case };
    let error = Found::default().take(&strange, index).unwrap_err().to_string();
    assert!(error.contains("none of this index"), "{error}");
}
