//! A piece of a Parquet file: some of its row groups, for one worker of many.
//!
//! Which groups are of which piece follows from their sizes alone: each is of the piece in which
//! its middle lies, so that every group is of one. Cost: O(groups).

use serde::{Deserialize, Serialize};
use std::ops::Range;

/// A piece of a file of so many.
///
/// ```
/// use trace::ingest::Piece;
/// assert_eq!(Piece::named("a.parquet@2/3"), Some(("a.parquet", Piece { number: 1, of: 3 })));
/// assert_eq!(Piece { number: 1, of: 3 }.name("a.parquet"), "a.parquet@2/3");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Piece {
    /// Which one, counted from 0.
    pub number: u32,
    /// How many there are.
    pub of: u32,
}

impl Piece {
    /// The one piece of a file that is not cut.
    pub const WHOLE: Piece = Piece { number: 0, of: 1 };

    /// The pieces of a file of `bytes` bytes, each of about `size`.
    pub fn all(bytes: u64, size: u64) -> impl Iterator<Item = Piece> {
        let of = u32::try_from(bytes.div_ceil(size.max(1))).unwrap_or(u32::MAX).max(1);
        (0..of).map(move |number| Piece { number, of })
    }

    /// What a piece of a file is called: `part.parquet@2/8`, counted from 1.
    pub fn name(self, file: &str) -> String {
        if self == Piece::WHOLE {
            return file.to_owned();
        }
        format!("{file}@{}/{}", self.number + 1, self.of)
    }

    /// The file and the piece of such a name.
    pub fn named(name: &str) -> Option<(&str, Piece)> {
        let (file, piece) = name.rsplit_once('@')?;
        let (number, of) = piece.split_once('/')?;
        let (number, of): (u32, u32) = (number.parse().ok()?, of.parse().ok()?);
        let is_one = (1..=of).contains(&number);
        is_one.then(|| (file, Piece { number: number - 1, of }))
    }

    /// Which of the row groups are its own, by their sizes.
    pub(in crate::ingest) fn groups(
        self,
        sizes: impl Iterator<Item = u64> + Clone,
    ) -> Range<usize> {
        let whole: u128 = sizes.clone().map(u128::from).sum();
        let mut before = 0;
        let piece_of = sizes.map(|size| {
            let middle = before + u128::from(size) / 2;
            before += u128::from(size);
            let piece = (middle * u128::from(self.of)).checked_div(whole).unwrap_or(0);
            // A damaged file may say that its last groups have no bytes.
            piece.min(u128::from(self.of - 1))
        });
        let piece_of: Vec<u128> = piece_of.collect();
        let first = |number: u32| piece_of.partition_point(|&piece| piece < u128::from(number));
        first(self.number)..first(self.number + 1)
    }

    /// Whether these are all pieces of a file, each once (more often if `repeats`). Else a wrong
    /// piece and how often it is there; for one with another `of`, how many pieces there are.
    pub fn cover(all: &[Piece], repeats: bool) -> Result<(), (Piece, usize)> {
        let of = all.first().map_or(1, |piece| piece.of);
        if let Some(other) = all.iter().find(|piece| piece.of != of) {
            return Err((*other, all.len()));
        }
        for number in 0..of {
            let piece = Piece { number, of };
            let times = all.iter().filter(|other| **other == piece).count();
            if times == 0 || (times > 1 && !repeats) {
                return Err((piece, times));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_group_is_of_one_piece(
            sizes in proptest::collection::vec(0u64..100, 0..20), of in 1u32..9,
        ) {
            let all = (0..of).map(|number| Piece { number, of }.groups(sizes.iter().copied()));
            let groups: Vec<usize> = all.flatten().collect();
            prop_assert_eq!(groups, (0..sizes.len()).collect::<Vec<_>>());
        }
    }

    #[test]
    fn groups_without_bytes_are_read() {
        assert_eq!(Piece::WHOLE.groups([10, 0, 0].into_iter()), 0..3);
        assert_eq!(Piece::WHOLE.groups([0, 0].into_iter()), 0..2);
        assert_eq!(Piece { number: 1, of: 2 }.groups([5, 5, 0].into_iter()), 1..3);
    }

    #[test]
    fn pieces_cover_a_file() {
        let of = |number| Piece { number, of: 2 };
        assert_eq!(Piece::cover(&[of(1), of(0)], false), Ok(()));
        assert_eq!(Piece::cover(&[of(1)], false), Err((of(0), 0)));
        assert_eq!(Piece::cover(&[of(0), of(1), of(1)], false), Err((of(1), 2)));
        assert_eq!(Piece::cover(&[of(0), of(1), of(1)], true), Ok(()));
        assert_eq!(Piece::cover(&[], false), Err((Piece::WHOLE, 0)));
        assert_eq!(Piece::cover(&[Piece::WHOLE, of(0)], true), Err((of(0), 2)));
        assert_eq!(Piece::all(5, 2).count(), 3);
        assert_eq!(Piece::all(0, 2).count(), 1);
        assert_eq!(Piece::named("a@0/2").or(Piece::named("a@3/2")).or(Piece::named("a@1")), None);
    }
}
