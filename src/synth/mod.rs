//! A synthetic city with an outbreak: an export folder, and the truth about it.
//!
//! People live in households in units in buildings in compounds (小区) in counties; they work, learn,
//! shop, eat, ride, walk in parks, and are infected by those they meet. Everything is a function of
//! the seed: `city` is who lives and works where, `days` what a person does on a day, `outbreak`
//! who infects whom, `export` and `rows` the files, `further` the tables that need not be there.
//! Any number of threads makes the same bytes. Cost: about 20 bytes of memory a person; time goes
//! into writing.

mod city;
mod days;
mod export;
mod further;
mod outbreak;
mod rows;

use crate::base::error::Result;
use crate::base::problem::Problem;
use city::City;
use outbreak::Outbreak;
use std::path::PathBuf;

/// How the files are packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Packed {
    /// `.csv`.
    Csv,
    /// `.csv.gz`, a member a block.
    Gzip,
    /// `.csv.zst`, a frame a block.
    Zstd,
}

/// What city to make.
#[derive(Debug, Clone)]
pub struct Options {
    /// A folder that does not exist or is empty.
    pub output: PathBuf,
    /// How many people, at least 100.
    pub persons: u32,
    /// How many days, at least 1, from 2022-11-01.
    pub days: u16,
    /// The same seed makes the same city.
    pub seed: u64,
    /// How the files are packed.
    pub packed: Packed,
    /// Files for trajectories and for colocations.
    pub split: u32,
    /// Chinese headers and names, in GB18030.
    pub chinese: bool,
    /// Also what else an export can hold: arrivals, orders and the like, a campus.
    pub further: bool,
}

/// What was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Made {
    /// Rows of `trajectories`.
    pub stays: u64,
    /// Rows of `colocations`.
    pub colocations: u64,
    /// Rows of `cases`.
    pub cases: u64,
    /// Infections, found out or not.
    pub infections: u64,
}

/// Makes a city on the threads of the current rayon pool.
///
/// # Errors
/// A usage error for a city that cannot be, or a folder that is in use; else what writing meets.
pub fn make(options: &Options) -> Result<Made> {
    if options.persons < 100 || options.persons > 100_000_000 {
        return Err(Problem::OutOfBounds { flags: "--persons is between 100 and 100000000" }.into());
    }
    if !(1..=365).contains(&options.days) || !(1..=10_000).contains(&options.split) {
        return Err(Problem::OutOfBounds {
            flags: "--days is between 1 and 365, --split between 1 and 10000",
        }
        .into());
    }
    let path = &options.output;
    let used = std::fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_some());
    if used || path.is_file() {
        return Err(Problem::FolderInUse { path: path.clone() }.into());
    }
    let city = City::new(options.persons, options.seed);
    let outbreak = Outbreak::spread(&city, options.days);
    export::write(&city, &outbreak, options)
}

/// A number between 0 and 2^64 that depends on all of its arguments (splitmix64, chained).
fn draw(seed: u64, stream: u64, a: u64, b: u64) -> u64 {
    [stream, a, b].into_iter().fold(seed, |state, part| {
        let mut z = state
            .wrapping_add(part.wrapping_mul(0x9e37_79b9_7f4a_7c15))
            .wrapping_add(0x9e37_79b9_7f4a_7c15);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    })
}

/// Small numbers out of one draw, one after the other.
struct Dice(u64);

impl Dice {
    fn new(seed: u64, stream: u64, a: u64, b: u64) -> Dice {
        Dice(draw(seed, stream, a, b))
    }

    /// 0 to `sides` - 1.
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_mul(0xd134_2543_de82_ef95).wrapping_add(0x2545_f491_4f6c_dd1d);
        ((self.0 >> 32) * sides) >> 32
    }

    /// True in `percent` of 100.
    fn chance(&mut self, percent: u64) -> bool {
        self.roll(100) < percent
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dice_are_fair_enough() {
        let mut dice = Dice::new(1, 2, 3, 4);
        let sixes = (0..60_000).filter(|_| dice.roll(6) == 5).count();
        assert!((9_500..10_500).contains(&sixes), "{sixes}");
        assert_ne!(draw(1, 2, 3, 4), draw(1, 2, 4, 3));
    }
}
