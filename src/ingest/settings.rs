//! How to read, and who is told how far it is.

use crate::base::datum::Datum;
use crate::base::time::{DAY, Instant, TimeZone};
use crate::ingest::cells::time_style::DayMonth;
use crate::ingest::contract::Table;
use crate::ingest::header::aliases::Aliases;
use crate::ingest::identities::Identities;
use crate::ingest::pseudonyms::Pseudonyms;
use crate::ingest::text::encoding::Encoding;
use std::sync::Arc;

/// Where names, phones and addresses of people go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Names {
    /// Nowhere: they are not read.
    Nowhere,
    /// Into a table of their own.
    Apart,
    /// Into each table that has a row for a person, too.
    Beside,
}

/// How to read.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Times without an offset are in this zone.
    pub zone: TimeZone,
    /// Other zones of tables.
    pub zones: Vec<(Table, TimeZone)>,
    /// Who stands behind which other number; read by `prepare`.
    pub identities: Arc<Identities>,
    /// The pseudonyms that replace ids, if there are any.
    pub pseudonyms: Option<Arc<Pseudonyms>>,
    /// Whether names, phones and addresses are read, and where they go.
    pub names: Names,
    /// Further columns of `persons` and `cases` to read with these, by their names in the files.
    pub keep: Vec<String>,
    /// What coordinates are measured in where no cell says so.
    pub datum: Datum,
    /// What those of some tables are measured in.
    pub datums: Vec<(Table, Datum)>,
    /// Which comes first of days and months where years come last; told from the column when
    /// `None`.
    pub dates: Option<DayMonth>,
    /// That of some tables.
    pub orders: Vec<(Table, DayMonth)>,
    /// The moment of the reading: a start more than a day later is a mistake. `None` for no such
    /// check.
    pub now: Option<Instant>,
    /// The encoding of every file without a mark; detected per file when `None`.
    pub encoding: Option<Encoding>,
    /// Names of one's own for columns.
    pub aliases: Aliases,
    /// Whether a column of ids may be used that a spreadsheet seems to have cut.
    pub accept_mangled_ids: bool,
    /// Whether only headers are looked at: a column that is missing is no error then.
    pub exploring: bool,
    /// How many times its size a packed file may unpack to.
    pub most_unpacked: u64,
    /// How many rejected rows are listed; the others are counted.
    pub max_reject_rows: usize,
    /// The share of rejected rows in a table above which it cannot be used.
    pub max_rejects: f64,
}

impl Settings {
    /// To read as files themselves say, with times in `zone`.
    pub fn new(zone: TimeZone) -> Settings {
        let aliases = Aliases::default();
        Settings {
            zone,
            zones: Vec::new(),
            identities: Arc::default(),
            pseudonyms: None,
            names: Names::Apart,
            keep: Vec::new(),
            datum: Datum::Wgs84,
            datums: Vec::new(),
            dates: None,
            orders: Vec::new(),
            now: None,
            encoding: None,
            aliases,
            accept_mangled_ids: false,
            exploring: false,
            most_unpacked: 1000,
            max_reject_rows: 100_000,
            max_rejects: 0.05,
        }
    }

    /// The last moment at which something may begin.
    pub fn latest_start(&self) -> Instant {
        self.now.map_or(Instant(i64::MAX), |now| Instant(now.0.saturating_add(DAY)))
    }

    /// Ordinary rows begin before this moment: before as-of, and not in the future.
    pub fn before(&self, as_of: Instant) -> Instant {
        before(as_of, self.latest_start())
    }

    /// How the times of a table are read.
    pub(in crate::ingest) fn reading(&self, table: Table) -> Reading<'_> {
        let datum = self.datum_of(table);
        Reading { zone: self.zone_of(table), latest: self.latest_start(), datum }
    }

    /// What the coordinates of a table are measured in where no cell says so.
    pub fn datum_of(&self, table: Table) -> Datum {
        self.datums.iter().find(|(of, _)| *of == table).map_or(self.datum, |(_, datum)| *datum)
    }

    /// Which comes first of days and months in a table, where that is said.
    pub fn order_of(&self, table: Table) -> Option<DayMonth> {
        let own = self.orders.iter().find(|(of, _)| *of == table);
        own.map(|(_, order)| *order).or(self.dates)
    }

    /// The zone of times without an offset in a table.
    pub fn zone_of(&self, table: Table) -> &TimeZone {
        let own = self.zones.iter().find(|(of, _)| *of == table);
        own.map_or(&self.zone, |(_, zone)| zone)
    }
}

/// Rows that begin before as-of, and at `latest` or earlier, begin before this moment.
pub(in crate::ingest) fn before(as_of: Instant, latest: Instant) -> Instant {
    as_of.min(Instant(latest.0.saturating_add(1)))
}

/// How the times of a table are read.
#[derive(Debug, Clone, Copy)]
pub(in crate::ingest) struct Reading<'s> {
    /// The zone of times without an offset.
    pub zone: &'s TimeZone,
    /// The last moment at which something may begin.
    pub latest: Instant,
    /// What coordinates are measured in.
    pub datum: Datum,
}

/// Told how far reading is.
pub trait Progress: Sync {
    /// A pass over `bytes` bytes on disk begins.
    fn begin(&self, what: &str, bytes: u64);
    /// So many bytes more were read.
    fn advance(&self, bytes: u64);
    /// The pass has ended.
    fn end(&self);
}

/// Tells nobody.
pub struct Silent;

impl Progress for Silent {
    fn begin(&self, _: &str, _: u64) {}
    fn advance(&self, _: u64) {}
    fn end(&self) {}
}
