//! Coordinates, great-circle distance, and a grid that finds what lies near a point.
//!
//! The grid only proposes; [`Coord::distance_m`] decides. A circle is entered into every cell it
//! may touch, so a point is looked up in one cell. Cost: O(1) a look-up, O(cells touched) a circle.

use hashbrown::HashMap;

/// Mean radius of the earth in metres (IUGG).
pub const EARTH_RADIUS_M: f64 = 6_371_008.8;

/// A point on the earth in degrees, WGS 84.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Coord {
    /// Longitude, -180 to 180.
    pub lon: f64,
    /// Latitude, -90 to 90.
    pub lat: f64,
}

impl Coord {
    /// Great-circle distance in metres (haversine).
    ///
    /// ```
    /// use trace::base::geo::Coord;
    /// let a = Coord { lon: 120.0, lat: 30.0 };
    /// let b = Coord { lon: 120.0, lat: 31.0 };
    /// assert!((a.distance_m(b) - 111_195.0).abs() < 1.0);
    /// ```
    pub fn distance_m(self, other: Coord) -> f64 {
        let (lat1, lat2) = (self.lat.to_radians(), other.lat.to_radians());
        let dlat = (lat2 - lat1) / 2.0;
        let dlon = (other.lon - self.lon).to_radians() / 2.0;
        let h = dlat.sin().powi(2) + lat1.cos() * lat2.cos() * dlon.sin().powi(2);
        2.0 * EARTH_RADIUS_M * h.sqrt().min(1.0).asin()
    }
}

/// A number for a cell of the grid.
pub type Cell = u64;

/// A grid of about `cell_m` metres a side, by latitude band; cells of a band are equally wide.
#[derive(Debug, Clone)]
pub struct Grid {
    /// Height of a cell in degrees, and cells a degree.
    lat_step: (f64, f64),
    /// Width of a cell in degrees, for each whole degree of |latitude|, and cells a degree.
    lon_steps: Vec<(f64, f64)>,
}

/// The whole number at or below: `f64::floor` is a call where the processor need not have it.
fn floor(value: f64) -> i64 {
    let whole = value as i64;
    whole - i64::from(whole as f64 > value)
}

impl Grid {
    /// A grid with cells of about `cell_m` metres (at least 1 m).
    pub fn new(cell_m: f64) -> Grid {
        let lat_step = (cell_m.max(1.0) / EARTH_RADIUS_M).to_degrees();
        let lon_steps = (0..=90)
            .map(|degree| (lat_step / f64::from(degree).to_radians().cos().max(0.01)).min(360.0))
            .map(|step| (step, 1.0 / step))
            .collect();
        Grid { lat_step: (lat_step, 1.0 / lat_step), lon_steps }
    }

    fn band(&self, lat: f64) -> i64 {
        floor(lat * self.lat_step.1)
    }

    /// The width of cells in a band, that of the whole degree the band begins in, and how many of
    /// them a degree has.
    fn lon_step(&self, band: i64) -> (f64, f64) {
        let lat = (band as f64 * self.lat_step.0).abs();
        self.lon_steps[(lat as usize).min(90)]
    }

    fn key(band: i64, column: i64) -> Cell {
        ((band as u64) << 32) ^ (column as u64 & 0xffff_ffff)
    }

    /// The cell a point lies in.
    #[inline]
    pub fn cell(&self, at: Coord) -> Cell {
        let band = self.band(at.lat);
        let lon = if at.lon >= 180.0 { at.lon - 360.0 } else { at.lon };
        Grid::key(band, floor((lon + 180.0) * self.lon_step(band).1))
    }

    /// Every cell that holds a point within `radius_m` of `at`; nothing when they are more than
    /// `most`, or when the circle takes in a pole.
    pub fn cells_within(&self, at: Coord, radius_m: f64, most: usize) -> Option<Vec<Cell>> {
        let angle = radius_m / EARTH_RADIUS_M * 1.000_001 + 1e-12;
        let dlat = angle.to_degrees();
        if at.lat.abs() + dlat >= 89.9 {
            return None;
        }
        let half = (angle.sin() / at.lat.to_radians().cos()).min(1.0).asin().to_degrees() + 1e-12;
        let mut cells = Vec::new();
        for band in self.band(at.lat - dlat)..=self.band(at.lat + dlat) {
            let (step, a_degree) = self.lon_step(band);
            let columns = (360.0 / step).ceil() as i64;
            let first = floor((at.lon - half + 180.0) * a_degree);
            let last = floor((at.lon + half + 180.0) * a_degree);
            // The column before the date line is cut short: across it, one more on each side.
            let across = i64::from(first < 0 || last + 1 >= columns);
            for column in first - across..=last + across {
                cells.push(Grid::key(band, column.rem_euclid(columns)));
            }
            if cells.len() > most {
                return None;
            }
        }
        cells.sort_unstable();
        cells.dedup();
        Some(cells)
    }
}

/// Circles by the cells they touch: which of them hold a point?
#[derive(Debug, Clone)]
pub struct Circles {
    grid: Grid,
    by_cell: HashMap<Cell, Vec<u32>>,
    /// Too wide for the grid, or at a pole: always looked at.
    wide: Vec<u32>,
    circles: Vec<(Coord, f64)>,
}

impl Circles {
    /// An empty set over cells of `cell_m` metres.
    pub fn new(cell_m: f64) -> Circles {
        let grid = Grid::new(cell_m);
        Circles { grid, by_cell: HashMap::new(), wide: Vec::new(), circles: Vec::new() }
    }

    /// Adds a circle; its number is how many were added before.
    pub fn add(&mut self, centre: Coord, radius_m: f64) {
        let number = self.circles.len() as u32;
        self.circles.push((centre, radius_m));
        match self.grid.cells_within(centre, radius_m, 4096) {
            Some(cells) => {
                for cell in cells {
                    self.by_cell.entry(cell).or_default().push(number);
                }
            }
            None => self.wide.push(number),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.circles.is_empty()
    }

    /// Calls `found` with the number of every circle that holds `at`, its edge included.
    pub fn holding(&self, at: Coord, mut found: impl FnMut(u32)) {
        if self.circles.is_empty() {
            return;
        }
        let near = self.by_cell.get(&self.grid.cell(at)).map_or(&[][..], |v| v);
        for &number in near.iter().chain(&self.wide) {
            let (centre, radius_m) = self.circles[number as usize];
            if centre.distance_m(at) <= radius_m {
                found(number);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_grid_loses_nobody(lon in prop_oneof![-180.0..180.0f64, 179.99..180.0f64, -180.0..-179.99f64],
                                 lat in -90.0..90.0f64,
                                 bearing in 0.0..std::f64::consts::TAU, share in 0.0..1.05f64,
                                 radius in 0.5..500.0f64, cell in 1.0..300.0f64) {
            let centre = Coord { lon, lat };
            let d = radius * share / EARTH_RADIUS_M;
            let (la, lo) = (lat.to_radians(), lon.to_radians());
            let la2 = (la.sin() * d.cos() + la.cos() * d.sin() * bearing.cos()).clamp(-1.0, 1.0).asin();
            let lo2 = lo + (bearing.sin() * d.sin() * la.cos()).atan2(d.cos() - la.sin() * la2.sin());
            let lon2 = (lo2.to_degrees() + 540.0).rem_euclid(360.0) - 180.0;
            let point = Coord { lon: lon2, lat: la2.to_degrees() };
            let mut circles = Circles::new(cell);
            circles.add(centre, radius);
            let mut found = false;
            circles.holding(point, |_| found = true);
            prop_assert_eq!(found, centre.distance_m(point) <= radius);
        }
    }

    #[test]
    fn both_sides_of_the_date_line_are_near() {
        let mut circles = Circles::new(10.0);
        circles.add(Coord { lon: 179.999_99, lat: 10.0 }, 10.0);
        for lon in [-180.0, 180.0, -179.999_99] {
            let mut found = 0;
            circles.holding(Coord { lon, lat: 10.0 }, |_| found += 1);
            assert_eq!(found, 1, "{lon}");
        }
    }
}
