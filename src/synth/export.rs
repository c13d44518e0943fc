//! The files of a city: the tables of an export, and `truth/`.
//!
//! Rows are made in blocks on all threads and written in order, a batch of blocks at a time. Packed
//! files are a member or frame a block, so packing is parallel, too.

use super::city::City;
use super::further::further;
use super::outbreak::Outbreak;
use super::rows::{RowMaker, id, spot_id};
use super::{Made, Options, Packed};
use crate::base::error::{Error, Result};
use crate::base::time::Date;
use rayon::prelude::*;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

/// People a block.
const BLOCK: u32 = 2048;

/// Headers by table: the contract's names, and Chinese ones.
const HEADERS: [(&str, &str, &str); 5] = [
    (
        "trajectories",
        "person_id,start,end,place_id,lon,lat,accuracy_m,seat_row,protected",
        "人员编号,进入时间,离开时间,场所编号,经度,纬度,精度,座位排号,已防护",
    ),
    (
        "colocations",
        "person_a,person_b,start,seconds,distance_m,place_id",
        "人员甲,人员乙,开始时间,时长秒,距离米,场所编号",
    ),
    (
        "places",
        "place_id,kind,name,unit,building,compound,county,lon,lat,radius_m,enclosed,dense",
        "场所编号,场所类型,名称,单元,楼栋,小区,区县,经度,纬度,半径,密闭,人员密集",
    ),
    (
        "persons",
        "person_id,residence,county,groups,closed_loop_end,name,phone",
        "人员编号,居住地,区县,重点人群,闭环结束日期,姓名,联系电话",
    ),
    (
        "cases",
        "person_id,onset,sampled,confirmed,isolated,imported",
        "人员编号,发病日期,采样时间,确诊时间,隔离时间,境外输入",
    ),
];

/// Writes everything.
pub fn write(city: &City, outbreak: &Outbreak, options: &Options) -> Result<Made> {
    let start = Date::from_civil(2022, 11, 1).expect("a day");
    let export = Export { rows: RowMaker { city, outbreak, options, start } };
    let rows_of = &export.rows;
    let truth = options.output.join("truth");
    std::fs::create_dir_all(&truth).map_err(|e| Error::write(&truth, e))?;
    let blocks = city.persons.div_ceil(BLOCK);
    let total = u64::from(blocks) * u64::from(options.days);
    let stays = export.table("trajectories", options.split, total, |task, out| {
        let (day, block) = ((task / u64::from(blocks)) as u16, (task % u64::from(blocks)) as u32);
        let mut rows = 0;
        for person in block * BLOCK..((block + 1) * BLOCK).min(city.persons) {
            outbreak.doings(city, person, day, options.days, |doing| {
                rows += rows_of.stay(person, &doing, out);
            });
        }
        rows
    })?;
    let (works, per) = (u64::from(city.workplaces()), 256);
    let tasks = works.div_ceil(per);
    let colocations = export.table(
        "colocations",
        options.split,
        tasks * u64::from(options.days),
        |task, out| {
            let (day, first) = ((task / tasks) as u16, task % tasks * per);
            let works = first..(first + per).min(works);
            works.map(|work| rows_of.encounters(work as u32, day, out)).sum()
        },
    )?;
    let kinds = rows_of.spots();
    let per = 4096;
    export.table("places", 1, (kinds.len() as u64).div_ceil(per), |task, out| {
        let from = (task * per) as usize;
        let to = (from + per as usize).min(kinds.len());
        kinds[from..to].iter().map(|&spot| rows_of.place(spot, out)).sum()
    })?;
    export.table("persons", 1, blocks.into(), |block, out| {
        let block = block as u32;
        let people = block * BLOCK..((block + 1) * BLOCK).min(city.persons);
        people.map(|person| rows_of.person(person, out)).sum()
    })?;
    let cases = export.table("cases", 1, 1, |_, out| {
        let infections = outbreak.infections.iter();
        infections.map(|(&person, infection)| rows_of.case(person, infection, out)).sum()
    })?;
    export.truth(&truth)?;
    if options.further {
        export.further(&truth)?;
    }
    Ok(Made { stays, colocations, cases, infections: outbreak.infections.len() as u64 })
}

/// A city on its way into files.
struct Export<'a> {
    rows: RowMaker<'a>,
}

impl Export<'_> {
    /// Writes a table in `files` files out of `tasks` blocks of rows; returns the rows.
    fn table(
        &self,
        name: &str,
        files: u32,
        tasks: u64,
        rows: impl Fn(u64, &mut Vec<u8>) -> u64 + Sync,
    ) -> Result<u64> {
        let (_, english, chinese) =
            HEADERS.iter().find(|(table, ..)| *table == name).expect("a table");
        let header = format!("{}\n", if self.rows.options.chinese { chinese } else { english });
        let mut total = 0;
        for file in 0..u64::from(files) {
            let path = self.path(name, file, files);
            let failed = |e| Error::write(&path, e);
            let mut out = BufWriter::with_capacity(1 << 20, File::create(&path).map_err(failed)?);
            let (from, to) =
                (tasks * file / u64::from(files), tasks * (file + 1) / u64::from(files));
            out.write_all(&self.pack(self.encode(header.clone().into_bytes()))).map_err(failed)?;
            let batch = rayon::current_num_threads() as u64 * 4;
            for first in (from..to).step_by(batch as usize) {
                let made: Vec<(u64, Vec<u8>)> = (first..(first + batch).min(to))
                    .into_par_iter()
                    .map(|task| {
                        let mut text = Vec::with_capacity(1 << 19);
                        let rows = rows(task, &mut text);
                        (rows, self.pack(self.encode(text)))
                    })
                    .collect();
                for (rows, packed) in made {
                    total += rows;
                    out.write_all(&packed).map_err(failed)?;
                }
            }
            out.flush().map_err(failed)?;
        }
        Ok(total)
    }

    fn path(&self, name: &str, file: u64, files: u32) -> PathBuf {
        let ending = match self.rows.options.packed {
            Packed::Csv => "csv",
            Packed::Gzip => "csv.gz",
            Packed::Zstd => "csv.zst",
        };
        let name = if files == 1 {
            format!("{name}.{ending}")
        } else {
            format!("{name}-{:0width$}.{ending}", file + 1, width = files.to_string().len())
        };
        self.rows.options.output.join(name)
    }

    fn encode(&self, text: Vec<u8>) -> Vec<u8> {
        if !self.rows.options.chinese || text.is_ascii() {
            return text;
        }
        let text = String::from_utf8(text).expect("rows are text");
        encoding_rs::GB18030.encode(&text).0.into_owned()
    }

    fn pack(&self, text: Vec<u8>) -> Vec<u8> {
        match self.rows.options.packed {
            Packed::Csv => text,
            Packed::Gzip => {
                let level = flate2::Compression::fast();
                let mut encoder = flate2::write::GzEncoder::new(Vec::new(), level);
                let packed = encoder.write_all(&text).and_then(|()| encoder.finish());
                packed.expect("memory does not fail")
            }
            Packed::Zstd => zstd::bulk::compress(&text, 3).expect("memory does not fail"),
        }
    }

    /// Writes what else an export can hold, and the truth about it.
    fn further(&self, truth: &Path) -> Result<()> {
        let made = further(&self.rows);
        let write = |path: PathBuf, text: Vec<u8>| {
            std::fs::write(&path, text).map_err(|e| Error::write(&path, e))
        };
        for part in made.tables {
            let header = if self.rows.options.chinese { part.chinese } else { part.english };
            let text = format!("{header}\n{}", part.rows);
            write(self.path(part.name, 0, 1), self.pack(self.encode(text.into_bytes())))?;
        }
        made.truth.into_iter().try_for_each(|part| {
            let text = format!("{}\n{}", part.english, part.rows);
            write(truth.join(format!("{}.csv", part.name)), text.into_bytes())
        })
    }

    fn truth(&self, folder: &Path) -> Result<()> {
        let mut text = b"infector,infectee,time,place_id,confirmed\n".to_vec();
        for (&person, infection) in &self.rows.outbreak.infections {
            if let Some(infector) = infection.infector {
                id(b'P', infector, &mut text);
            }
            text.push(b',');
            id(b'P', person, &mut text);
            text.push(b',');
            self.rows.time(infection.at, &mut text);
            text.push(b',');
            if let Some(spot) = infection.spot {
                spot_id(spot, &mut text);
            }
            text.push(b',');
            self.rows.time(infection.confirmed, &mut text);
            text.push(b'\n');
        }
        let path = folder.join("infections.csv");
        std::fs::write(&path, text).map_err(|e| Error::write(&path, e))
    }
}
