//! `cases`: who is a case, and when. One row of each illness of a person is kept.

use crate::base::error::Result;
use crate::base::time::{Date, Instant};
use crate::ingest::account::{Account, Words};
use crate::ingest::cells;
use crate::ingest::cells::Bare;
use crate::ingest::contract::Table;
use crate::ingest::folder::Folder;
use crate::ingest::header::notes::Note;
use crate::ingest::rejects::{Fault, Reason};
use crate::ingest::settings::{Progress, Settings};
use crate::ingest::tables::records;
use crate::ingest::tables::records::{Left, Record};
use crate::ingest::tables::stays::fault;
use crate::model::{Case, RowRef};
use crate::policy::Exposure;
use hashbrown::HashMap;

/// What a row says of its case.
fn case<'r>(
    record: &mut Record<'r, '_, '_>,
    settings: &Settings,
) -> std::result::Result<Case, Left<'r>> {
    let id = record.must("person_id")?;
    let confirmed = record.must_time("confirmed")?;
    if confirmed > settings.latest_start() {
        fault("confirmed", Reason::InFuture, record.cell("confirmed"))?;
    }
    let mut date = |column, bare| {
        let read = record.time(column, bare);
        record.or(read, None)
    };
    let (onset, sampled) = (date("onset", Bare::Start), date("sampled", Bare::Start));
    let isolated = date("isolated", Bare::End);
    let imported = record.truth("imported", false);
    let imported = record.or(imported, false);
    let id = records::person(settings, id, confirmed)?;
    Ok(Case { id, onset, sampled, confirmed, isolated, imported, row: record.row })
}

/// What systems say of a person who turned out to be no case: all that stands in the cell, for
/// "not discarded" and 待排除 say something else. The last four are those of SORMAS in German,
/// French and Spanish.
const DISCARDED: [&str; 13] = [
    "discarded",
    "no_case",
    "no case",
    "not a case",
    "not a case (discarded)",
    "lng_reference_data_category_case_classification_not_a_case_discarded",
    "排除",
    "已排除",
    "排除病例",
    "x. kein fall",
    "kein fall",
    "pas un cas",
    "no un caso",
];

/// Beginnings of what systems say of a person who is a case: no word is needed about these.
const CONFIRMED: [&str; 15] = [
    "confirmed",
    "probable",
    "lab confirmed",
    "laboratory confirmed",
    "lng_reference_data_category_case_classification_confirmed",
    "lng_reference_data_category_case_classification_probable",
    "确诊",
    "阳性",
    "无症状",
    "cas confirmé",
    "caso confirmado",
    "b. ",
    "c. ",
    "d. ",
    "e. ",
];

/// Whether a classification says that the person is no case.
fn is_discarded(classification: &[u8]) -> bool {
    let text = String::from_utf8_lossy(cells::trim(classification)).to_lowercase();
    DISCARDED.contains(&text.as_str())
}

/// A row as it was read.
struct Read {
    anchor: Date,
    case: Case,
    raw: Box<[u8]>,
}

/// An illness of a person: the row that counts, and the others that speak of it.
#[derive(Debug)]
pub struct Episode {
    /// What the row says that counts: the one with the earliest `confirmed`, then the earliest
    /// anchor, then the smallest by bytes.
    pub case: Case,
    /// The other rows, each with whether it reads like the one that counts.
    others: Vec<(RowRef, bool)>,
}

/// Reads the table: for each person the illnesses, in their order. A row whose anchor lies
/// `reinfection_days` or more after the first anchor of an illness begins another.
///
/// # Errors
/// When a file cannot be read.
pub fn read(
    folder: &Folder,
    settings: &Settings,
    policy: &Exposure,
    progress: &dyn Progress,
) -> Result<(Vec<Episode>, Account)> {
    let mut rows: HashMap<Box<str>, Vec<Read>> = HashMap::new();
    let mut words = Words::default();
    let table = Table::Cases;
    let (_, mut account) = records::read(folder, table, settings, progress, |record| {
        let classification = record.cell("classification");
        if is_discarded(classification) {
            return Err(Left::NoCase);
        }
        let case = case(record, settings)?;
        let word = records::text(classification).to_lowercase();
        if !word.is_empty() && !CONFIRMED.iter().any(|known| word.starts_with(known)) {
            words.add(record.row, &word);
        }
        let anchor = case.anchor(policy, &settings.zone);
        let read = Read { anchor, case, raw: record.raw.into() };
        rows.entry(read.case.id.clone()).or_default().push(read);
        Ok(())
    })?;
    account.note(words, |word, rows| Note::CountsAsCase { word, rows });
    let reinfection = policy.reinfection_days.map(i32::from);
    let mut episodes = Vec::new();
    for (_, mut of_person) in rows {
        of_person.sort_by_key(|read| read.anchor);
        while !of_person.is_empty() {
            let first = of_person[0].anchor.0;
            let is_later =
                |read: &Read| reinfection.is_some_and(|days| read.anchor.0 - first >= days);
            let later = of_person.iter().position(is_later).unwrap_or(of_person.len());
            let next = of_person.split_off(later);
            episodes.push(episode(std::mem::replace(&mut of_person, next)));
        }
    }
    Ok((episodes, account))
}

/// The row that counts of those of one illness, and the others.
fn episode(mut rows: Vec<Read>) -> Episode {
    rows.sort_by(|a, b| {
        let key = |read: &Read| (read.case.confirmed, read.anchor);
        (key(a), &a.raw, a.case.row).cmp(&(key(b), &b.raw, b.case.row))
    });
    let mut rows = rows.into_iter();
    let kept = rows.next().expect("an illness has a row");
    let others = rows.map(|other| (other.case.row, other.raw == kept.raw)).collect();
    Episode { case: kept.case, others }
}

/// Of each person the latest illness confirmed by as-of; a later one is not known yet. Rows of
/// earlier ones are counted as such, and the other rows of an illness are rejected or repeats.
pub fn latest(mut episodes: Vec<Episode>, as_of: Instant, account: &mut Account) -> Vec<Case> {
    episodes.sort_by(|a, b| a.case.id.cmp(&b.case.id));
    let mut cases = Vec::new();
    for of_person in episodes.chunk_by_mut(|a, b| a.case.id == b.case.id) {
        let known = of_person.iter().rposition(|episode| episode.case.confirmed <= as_of);
        for (number, episode) in of_person.iter().enumerate() {
            let id = episode.case.id.as_bytes();
            if known.is_some_and(|known| number < known) {
                let others = episode.others.iter().map(|(row, _)| *row);
                others.chain([episode.case.row]).for_each(|row| account.earlier_episode(row));
                continue;
            }
            for &(row, repeats) in &episode.others {
                let fault = Fault { column: "person_id", reason: Reason::DuplicateCase };
                account.take_back(row, id, repeats, fault);
            }
        }
        cases.extend(known.map(|known| of_person[known].case.clone()));
    }
    cases
}
