//! Row groups of stays that nothing can come of: too early, or nowhere near.
//!
//! Their rows are counted, and checked as far as they can be without their ids: that no id is blank,
//! and between which others they lie, the statistics of the file say (ids are read only where a word for
//! nothing lies between these); that every stay has a start, and an end
//! after it, is read. So nobody's verdict hangs on statistics of times; those only tell which row groups
//! are worth a look. Where a row is not ordinary, all are read as ever. Cost: the two columns of times.

use crate::base::error::Result;
use crate::base::time::Instant;
use crate::ingest::cells;
use crate::ingest::parquet::file::damaged;
use crate::ingest::parquet::pages::Value;
use crate::ingest::parquet::stay_file::{Moments, StayFile, moment};
use crate::ingest::parquet::{footer, plain};
use crate::ingest::tables::stay_rows::StayRows;
use crate::model::{Reach, TakeStays};

/// Counts the rows of a row group if all are valid and out of reach; `false` when they are to be read.
///
/// # Errors
/// When the file is damaged.
pub(in crate::ingest) fn all<T: TakeStays>(
    file: &StayFile<'_>,
    group: usize,
    reach: &Reach<'_>,
    rows: &mut StayRows<'_, '_, T>,
) -> Result<bool> {
    let (Some(_), Some(places)) = (file.ids(group, 0), file.ids(group, 3)) else {
        return Ok(false);
    };
    if !file.others_are_blank(group) {
        return Ok(false);
    }
    let about = file.about(group);
    let elsewhere = !reach.places.may_be_between(places);
    let told = file.column(2).and_then(|(at, given_as)| footer::latest(about.column(at), given_as));
    let told = told.and_then(|(seconds, instant)| moment(seconds, instant, rows.clock()));
    if !elsewhere && told.is_none_or(|latest| latest > reach.since) {
        return Ok(false);
    }
    let (count, latest) = match ordinary_times(file, group, rows)? {
        Some(found) if found.0 == about.num_rows() as u64 => found,
        _ => return Ok(false),
    };
    let out_of_reach = (elsewhere || latest <= reach.since) && !some_id_is_nothing(file, group)?;
    if out_of_reach {
        rows.pass_by(count);
    }
    Ok(out_of_reach)
}

/// Whether a person or a place may be a word for nothing, which makes a bad row. The ids are looked at
/// only where such a word lies between the least and the most of them.
fn some_id_is_nothing(file: &StayFile<'_>, group: usize) -> Result<bool> {
    for column in [0, 3] {
        let bounds = file.ids(group, column);
        if !bounds.is_none_or(|[least, most]| cells::nothing_between(least, most)) {
            continue;
        }
        let Some(ids) = plain::column(file, group, column)? else { return Ok(true) };
        let (mut values, mut found) = (ids.values(), false);
        for _ in 0..ids.rows() {
            let Some(Value::Text(id)) = values.next() else { return Ok(true) };
            found |= cells::is_nothing(cells::trim(id));
        }
        if found {
            return Ok(true);
        }
    }
    Ok(false)
}

/// How many rows there are, and when the last of their stays ends; `None` when a row has not two times
/// of an ordinary stay.
fn ordinary_times<T: TakeStays>(
    file: &StayFile<'_>,
    group: usize,
    rows: &mut StayRows<'_, '_, T>,
) -> Result<Option<(u64, Instant)>> {
    let (Some(start), Some(end)) = (file.layout.cells[1], file.layout.cells[2]) else {
        return Ok(None);
    };
    let mask = file.opened.mask([start, end].into_iter());
    let (mut count, mut latest) = (0, Instant(i64::MIN));
    for batch in file.batches(group, mask, None)? {
        let batch = batch.map_err(|e| damaged(file.file, e))?;
        // Columns come in the order of the file.
        let of = |kept: usize, other: usize| {
            let array = batch.column(usize::from(kept > other)).as_ref();
            let times = Moments::new(array, file.opened.old_instants[kept]);
            times.filter(|_| array.null_count() == 0)
        };
        let (Some(starts), Some(ends)) = (of(start, end), of(end, start)) else {
            return Ok(None);
        };
        for row in 0..batch.num_rows() {
            let clock = rows.clock();
            let (Some(start), Some(end)) = (starts.get(row, clock), ends.get(row, clock)) else {
                return Ok(None);
            };
            if !rows.is_ordinary([start, end]) {
                return Ok(None);
            }
            latest = latest.max(end);
        }
        count += batch.num_rows() as u64;
    }
    Ok(Some((count, latest)))
}
