//! Datums of Chinese maps, turned into WGS 84.
//!
//! GCJ-02 (maps sold in China: Amap, Tencent) is WGS 84 moved by some hundred metres, by a function
//! without a formula for its inverse; BD-09 (Baidu) is GCJ-02 moved once more. The inverses are
//! found by fixed-point iteration, to far below a centimetre. Outside a rectangle around China
//! nothing is moved; inside, everything is, Hong Kong and Hanoi too: a table is in GCJ-02 as a
//! whole. Cost: up to some ten rounds of sines a point.

use crate::base::geo::Coord;
use std::f64::consts::PI;

/// What coordinates are measured in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Datum {
    /// That of satellites.
    #[default]
    Wgs84,
    /// 火星坐标系.
    Gcj02,
    /// 百度坐标系.
    Bd09,
}

/// The ellipsoid of the shift (Krasovsky 1940): its half axis, and its eccentricity squared.
const AXIS: f64 = 6_378_245.0;
const ECCENTRICITY: f64 = 0.006_693_421_622_965_943;

/// Rounds of the fixed point, and the change in degrees at which it is found.
const ROUNDS: usize = 20;
const CLOSE: f64 = 1e-11;

impl Datum {
    /// The datum of a name.
    ///
    /// ```
    /// use trace::base::datum::Datum;
    /// assert_eq!(Datum::from_name("GCJ-02"), Some(Datum::Gcj02));
    /// assert_eq!(Datum::from_name("百度坐标系"), Some(Datum::Bd09));
    /// assert_eq!(Datum::from_name("WGS84（百度转换）"), Some(Datum::Wgs84));
    /// assert_eq!(Datum::from_name("itrf"), None);
    /// ```
    pub fn from_name(name: &str) -> Option<Datum> {
        let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
        // As people in China call them, where no other name stands beside: 高德坐标, 百度坐标系.
        let says = |words: &[&str]| words.iter().any(|word| name.contains(word));
        match (says(&["高德", "腾讯", "火星", "国测局"]), says(&["百度"])) {
            (true, false) if plain.is_empty() => return Some(Datum::Gcj02),
            (false, true) if plain.is_empty() => return Some(Datum::Bd09),
            _ => {}
        }
        Some(match plain.to_ascii_lowercase().as_str() {
            "wgs84" | "epsg4326" | "gps" => Datum::Wgs84,
            "gcj02" | "gcj2" | "amap" | "gaode" | "tencent" => Datum::Gcj02,
            "bd09" | "bd09ll" | "bd9" | "baidu" => Datum::Bd09,
            _ => return None,
        })
    }

    /// A point of this datum in WGS 84.
    ///
    /// ```
    /// use trace::base::datum::Datum;
    /// use trace::base::geo::Coord;
    /// let amap = Coord { lon: 116.404, lat: 39.915 };
    /// let wgs84 = Datum::Gcj02.to_wgs84(amap);
    /// assert!((wgs84.lon - 116.397_755_754_6).abs() < 1e-9);
    /// ```
    pub fn to_wgs84(self, at: Coord) -> Coord {
        match self {
            Datum::Wgs84 => at,
            _ if !is_inside(at) => at,
            Datum::Gcj02 => inverse(at, gcj02),
            Datum::Bd09 => inverse(inverse(at, bd09), gcj02),
        }
    }
}

/// Whether a point lies in the rectangle in which points are moved.
fn is_inside(at: Coord) -> bool {
    (72.004..=137.8347).contains(&at.lon) && (0.8293..=55.8271).contains(&at.lat)
}

/// The point that a function moves to `to`.
fn inverse(to: Coord, of: fn(Coord) -> Coord) -> Coord {
    let mut at = to;
    for _ in 0..ROUNDS {
        let moved = of(at);
        let (lon, lat) = (to.lon - moved.lon, to.lat - moved.lat);
        at = Coord { lon: at.lon + lon, lat: at.lat + lat };
        if lon.abs() < CLOSE && lat.abs() < CLOSE {
            break;
        }
    }
    at
}

/// A point of WGS 84 in GCJ-02.
fn gcj02(at: Coord) -> Coord {
    let (x, y) = (at.lon - 105.0, at.lat - 35.0);
    let wave = |value: f64, over: f64| (value * PI / over).sin();
    let common = (20.0 * wave(x, 1.0 / 6.0) + 20.0 * wave(x, 0.5)) * 2.0 / 3.0;
    let north = -100.0
        + 2.0 * x
        + 3.0 * y
        + 0.2 * y * y
        + 0.1 * x * y
        + 0.2 * x.abs().sqrt()
        + common
        + (20.0 * wave(y, 1.0) + 40.0 * wave(y, 3.0)) * 2.0 / 3.0
        + (160.0 * wave(y, 12.0) + 320.0 * wave(y, 30.0)) * 2.0 / 3.0;
    let east = 300.0
        + x
        + 2.0 * y
        + 0.1 * x * x
        + 0.1 * x * y
        + 0.1 * x.abs().sqrt()
        + common
        + (20.0 * wave(x, 1.0) + 40.0 * wave(x, 3.0)) * 2.0 / 3.0
        + (150.0 * wave(x, 12.0) + 300.0 * wave(x, 30.0)) * 2.0 / 3.0;
    let lat = at.lat.to_radians();
    let flat = 1.0 - ECCENTRICITY * lat.sin().powi(2);
    let along = AXIS * (1.0 - ECCENTRICITY) / (flat * flat.sqrt());
    let across = AXIS / flat.sqrt() * lat.cos();
    Coord { lon: at.lon + (east / across).to_degrees(), lat: at.lat + (north / along).to_degrees() }
}

/// A point of GCJ-02 in BD-09.
fn bd09(at: Coord) -> Coord {
    const TURN: f64 = PI * 3000.0 / 180.0;
    let Coord { lon, lat } = at;
    let far = lon.hypot(lat) + 0.000_02 * (lat * TURN).sin();
    let angle = lat.atan2(lon) + 0.000_003 * (lon * TURN).cos();
    Coord { lon: far * angle.cos() + 0.0065, lat: far * angle.sin() + 0.006 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at((lon, lat): (f64, f64)) -> Coord {
        Coord { lon, lat }
    }

    /// Points that others have published.
    #[test]
    fn published_points() {
        for (wgs84, moved) in [
            ((121.527_210_6, 31.177_427_6), (121.531_541_859_215, 31.175_303_983_645_97)),
            ((113.912_316, 22.543_847), (113.917_176_480_836_3, 22.540_796_131_694_766)),
            ((116.377_817, 39.911_954), (116.384_047_224_556_57, 39.913_345_455_360_69)),
            ((116.404, 39.915), (116.410_244_499_169_38, 39.916_404_281_501_64)),
        ] {
            let (found, moved) = (gcj02(at(wgs84)), at(moved));
            assert!(found.distance_m(moved) < 1e-3, "{found:?}");
            assert!(Datum::Gcj02.to_wgs84(moved).distance_m(at(wgs84)) < 1e-3);
        }
        let moved = at((116.410_369_493_710_29, 39.921_336_993_510_21));
        assert!(bd09(at((116.404, 39.915))).distance_m(moved) < 1e-3);
        // Of services, which round to centimetres and have a constant of their own.
        for (gcj, wgs84, bd) in [
            (
                (113.264_385_9, 23.129_114_6),
                (113.259_054_3, 23.131_788),
                (113.270_818_8, 23.135_343),
            ),
            (
                (87.616_857_9, 43.825_596_2),
                (87.614_004_8, 43.824_388),
                (87.623_291_8, 43.831_771_9),
            ),
            (
                (126.534_972_6, 45.803_780_4),
                (126.528_903, 45.801_778_3),
                (126.541_587_5, 45.809_407_4),
            ),
            (
                (109.511_913_5, 18.252_852_4),
                (109.507_813, 18.254_541_7),
                (109.518_470_3, 18.258_587_8),
            ),
        ] {
            assert!(Datum::Gcj02.to_wgs84(at(gcj)).distance_m(at(wgs84)) < 1.0);
            assert!(bd09(at(gcj)).distance_m(at(bd)) < 0.02);
            assert!(Datum::Bd09.to_wgs84(at(bd)).distance_m(at(wgs84)) < 1.0);
        }
    }

    /// There and back is a centimetre at most, over all of China; nothing is moved outside.
    #[test]
    fn there_and_back_over_a_grid() {
        let mut worst = 0.0f64;
        for lon in 0..230 {
            for lat in 0..140 {
                let from = at((73.5 + f64::from(lon) * 0.267, 18.0 + f64::from(lat) * 0.2537));
                let gcj = gcj02(from);
                worst = worst.max(Datum::Gcj02.to_wgs84(gcj).distance_m(from));
                worst = worst.max(Datum::Bd09.to_wgs84(bd09(gcj)).distance_m(from));
            }
        }
        assert!(worst < 0.01, "{worst}");
        for outside in [at((172.6362, -43.5321)), at((-0.1, 51.5)), at((140.0, 36.0))] {
            assert_eq!(Datum::Gcj02.to_wgs84(outside), outside);
            assert_eq!(Datum::Bd09.to_wgs84(outside), outside);
        }
    }
}
