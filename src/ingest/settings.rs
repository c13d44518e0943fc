//! How to read, and who is told how far it is.

use crate::base::time::Zone;
use crate::ingest::cells::time_style::DayMonth;
use crate::ingest::contract::Table;
use crate::ingest::header::aliases::Aliases;
use crate::ingest::text::encoding::Encoding;

/// How to read.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Times without an offset are in this zone.
    pub zone: Zone,
    /// Other zones of tables.
    pub zones: Vec<(Table, Zone)>,
    /// Which comes first of days and months where years come last; told from the column when
    /// `None`.
    pub dates: Option<DayMonth>,
    /// The encoding of every file without a mark; detected per file when `None`.
    pub encoding: Option<Encoding>,
    /// Names of one's own for columns.
    pub aliases: Aliases,
    /// Whether a column of ids may be used that a spreadsheet seems to have cut.
    pub accept_mangled_ids: bool,
    /// The share of rejected rows in a table above which it cannot be used.
    pub max_rejects: f64,
}

impl Settings {
    /// To read as files themselves say, with times in `zone`.
    pub fn new(zone: Zone) -> Settings {
        let aliases = Aliases::default();
        Settings {
            zone,
            zones: Vec::new(),
            dates: None,
            encoding: None,
            aliases,
            accept_mangled_ids: false,
            max_rejects: 0.05,
        }
    }

    /// The zone of times without an offset in a table.
    pub fn zone_of(&self, table: Table) -> &Zone {
        let own = self.zones.iter().find(|(of, _)| *of == table);
        own.map_or(&self.zone, |(_, zone)| zone)
    }
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
