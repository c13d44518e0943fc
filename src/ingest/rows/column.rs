//! A column of rows that do not stand in a text: cells one by one, or times as numbers.

use crate::base::time::{DAY, Date};

/// In place of a time: there is none.
pub const NONE: i64 = i64::MIN;

/// A column of a batch.
#[derive(Debug, Clone, Copy)]
pub enum Column<'a> {
    /// No row has a value.
    Blank,
    /// Not read: not needed, or by the statistics every row has a value without blanks around it.
    Told,
    /// Cells.
    Cells(&'a [&'a [u8]]),
    /// Seconds since 1970, [`NONE`] for a blank cell, and whether they are instants or wall-clock
    /// times.
    Times(&'a [i64], bool),
}

impl<'a> Column<'a> {
    /// Some of its rows.
    #[cfg(feature = "parquet")]
    pub fn slice(&self, rows: std::ops::Range<usize>) -> Column<'a> {
        match *self {
            Column::Cells(cells) => Column::Cells(&cells[rows]),
            Column::Times(times, are_instants) => Column::Times(&times[rows], are_instants),
            other => other,
        }
    }

    /// Appends the cell of a row as it would stand in a text: an instant in UTC, a wall-clock time
    /// as one, a line break as a blank.
    pub fn write(&self, row: usize, out: &mut Vec<u8>) {
        match *self {
            Column::Cells(cells) => {
                let line_break = |byte: &u8| matches!(byte, b'\n' | b'\r');
                let bytes = cells[row].iter();
                out.extend(bytes.map(|byte| if line_break(byte) { b' ' } else { *byte }));
            }
            Column::Times(times, _) if times[row] == NONE => {}
            Column::Times(times, is_instant) => {
                write_wall(times[row], out);
                out.extend(is_instant.then_some(b'Z'));
            }
            Column::Blank | Column::Told => {}
        }
    }
}

/// Writes the wall-clock time `2022-11-09 08:30:00`.
fn write_wall(seconds: i64, out: &mut Vec<u8>) {
    let days = seconds.div_euclid(DAY).clamp(i32::MIN.into(), i32::MAX.into());
    Date(days as i32).write(out);
    let second = seconds.rem_euclid(DAY);
    for (mark, value) in [(b' ', second / 3600), (b':', second / 60 % 60), (b':', second % 60)] {
        out.extend_from_slice(&[mark, b'0' + (value / 10) as u8, b'0' + (value % 10) as u8]);
    }
}
