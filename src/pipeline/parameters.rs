//! What can be set for an analysis, as texts: the flags of the command line, the keyword arguments
//! of Python, and what stands in an index file.
//!
//! One reading of them all. Times and files are looked up by whoever has a clock and a disk. Cost:
//! that of reading a policy.

use super::request::Request;
use crate::base::datum::Datum;
use crate::base::error::Result;
use crate::base::problem::Problem;
use crate::base::time::{Instant, TimeZone};
use crate::ingest::cells::time_style::DayMonth;
use crate::ingest::cells::{Bare, TimeReader};
use crate::ingest::{Aliases, Asked, Encoding, Settings, Table};
use crate::policy::{self, Policy};
use serde::{Deserialize, Serialize};

/// What is set; all else has the program's defaults.
///
/// ```
/// use trace::base::time::Instant;
/// use trace::pipeline::Parameters;
/// let set = Parameters { policy: "who".to_owned(), ..Parameters::default() };
/// let request = set.request(Instant(1_668_000_000))?;
/// assert_eq!(request.policy.name, "who");
/// # Ok::<(), trace::base::error::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Parameters {
    /// The name of a built-in policy, or what the file of one is called.
    pub policy: String,
    /// The text of a policy that is none of the built-in ones (TOML).
    pub policy_text: Option<String>,
    /// Changes of numbers of the policy: `exposure.min_minutes=15`.
    pub set: Vec<String>,
    /// The moment to speak for: a time, `now` or `today`.
    pub as_of: Option<String>,
    /// Why units are raised to their buildings, if they are.
    pub because: Option<String>,
    /// Whether it is looked who is not from here.
    pub visitors: bool,
    /// Zones of times without an offset: `ZONE` or `TABLE=ZONE`.
    pub timezone: Vec<String>,
    /// What coordinates are measured in: `NAME` or `TABLE=NAME`.
    pub datum: Vec<String>,
    /// Which comes first where years come last: `dmy` or `mdy`.
    pub dates: Vec<String>,
    /// What the file of further names for columns is called.
    pub columns: Option<String>,
    /// Further names for columns (TOML).
    pub columns_text: Option<String>,
    /// What `now` is.
    pub now: Option<String>,
    /// The encoding of texts without a mark.
    pub encoding: Option<String>,
    /// Whether ids may be used that a spreadsheet seems to have cut.
    pub accept_mangled_ids: bool,
    /// The percentage of rejected rows above which a table cannot be used.
    pub max_rejects: String,
    /// How many rejected rows are listed.
    pub max_reject_rows: usize,
    /// How many times its size a packed file may unpack to.
    pub max_unpacked: u64,
    /// The files of tables: `TABLE=FILE` or `TABLE=PATTERN`.
    pub table: Vec<String>,
}

impl Default for Parameters {
    fn default() -> Parameters {
        Parameters {
            policy: policy::DEFAULT.to_owned(),
            policy_text: None,
            set: Vec::new(),
            as_of: None,
            because: None,
            visitors: false,
            timezone: Vec::new(),
            datum: Vec::new(),
            dates: Vec::new(),
            columns: None,
            columns_text: None,
            now: None,
            encoding: None,
            accept_mangled_ids: false,
            max_rejects: "5".to_owned(),
            max_reject_rows: 100_000,
            max_unpacked: 1000,
            table: Vec::new(),
        }
    }
}

impl Parameters {
    /// What is asked for; `clock` is the moment of asking, unless `now` says another.
    ///
    /// # Errors
    /// A usage error that names what cannot be.
    pub fn request(&self, clock: Instant) -> Result<Request> {
        let policy = self.policy()?;
        let settings = self.settings(&policy, clock)?;
        let now = settings.now.unwrap_or_default();
        let as_of = match self.as_of.as_deref().map(str::trim) {
            None => None,
            Some("now") => Some(now),
            Some("today") => Some(settings.zone.midnight(settings.zone.date(now).plus(1))),
            Some(text) => Some(moment("--as-of", text, &settings.zone)?),
        };
        if self.because.is_some() && policy.zone.is_none() {
            return Err(Problem::NoZonesToExpand { name: policy.name }.into());
        }
        let (expand, visitors) = (self.because.clone(), self.visitors);
        Ok(Request { policy, settings, as_of, expand, looser: false, visitors })
    }

    /// The policy.
    ///
    /// # Errors
    /// A usage error where there is none of that name, or a number of it cannot be.
    pub fn policy(&self) -> Result<Policy> {
        let mut policy = match &self.policy_text {
            Some(text) => Policy::parse(text, &self.policy)?,
            None => Policy::preset(&self.policy)?,
        };
        for change in &self.set {
            policy = policy.with(change)?;
        }
        Ok(policy)
    }

    /// How to read.
    ///
    /// # Errors
    /// A usage error that names what cannot be.
    pub fn settings(&self, policy: &Policy, clock: Instant) -> Result<Settings> {
        let (zone, zones) = by_table(&self.timezone, TimeZone::get)?;
        let zone = zone.map_or_else(|| TimeZone::get(&policy.timezone), Ok)?;
        let (datum, datums) = by_table(&self.datum, |name| {
            let named = Datum::from_name(name);
            Ok(named.ok_or_else(|| Problem::NoDatum { name: name.to_owned() })?)
        })?;
        let (dates, orders) = by_table(&self.dates, |text| match text {
            "dmy" => Ok(DayMonth::DayFirst),
            "mdy" => Ok(DayMonth::MonthFirst),
            _ => Err(Problem::NoOrderOfDates { text: text.to_owned() }.into()),
        })?;
        let percent = self.max_rejects.trim_end_matches('%').trim();
        let percent = percent.parse().ok().filter(|percent| (0.0..=100.0).contains(percent));
        let percent: f64 =
            percent.ok_or_else(|| Problem::NoPercentage { text: self.max_rejects.clone() })?;
        let now = match self.now.as_deref() {
            Some(text) => moment("--now", text.trim(), &zone)?,
            None => clock,
        };
        Ok(Settings {
            zones,
            datum: datum.unwrap_or(Datum::Wgs84),
            datums,
            now: Some(now),
            dates,
            orders,
            encoding: self.encoding()?,
            aliases: self.aliases()?,
            accept_mangled_ids: self.accept_mangled_ids,
            max_rejects: percent / 100.0,
            max_reject_rows: self.max_reject_rows,
            most_unpacked: self.max_unpacked.max(1),
            ..Settings::new(zone)
        })
    }

    /// The files that are named outright.
    ///
    /// # Errors
    /// A usage error for what is no `TABLE=FILE`, and a table that is none.
    pub fn asked(&self) -> Result<Asked> {
        let named = |text: &String| {
            let parts = text.split_once('=').filter(|(_, file)| !file.is_empty());
            let (name, file) =
                parts.ok_or_else(|| Problem::NoTableAndFile { text: text.clone() })?;
            Ok((table(name)?, file.to_owned()))
        };
        let tables = self.table.iter().map(named).collect::<Result<_>>()?;
        Ok(Asked { aliases: self.aliases()?, tables })
    }

    fn encoding(&self) -> Result<Option<Encoding>> {
        let of = |name: &str| {
            let found = Encoding::from_name(name);
            found.ok_or_else(|| Problem::NoEncoding { name: name.to_owned() }.into())
        };
        self.encoding.as_deref().map(of).transpose()
    }

    fn aliases(&self) -> Result<Aliases> {
        let origin = self.columns.as_deref().unwrap_or("columns");
        let parse = |text: &String| Aliases::parse(text, origin);
        self.columns_text.as_ref().map_or_else(|| Ok(Aliases::default()), parse)
    }
}

/// The moment a flag names.
///
/// # Errors
/// A usage error for what is no time.
fn moment(flag: &'static str, text: &str, zone: &TimeZone) -> Result<Instant> {
    let at = TimeReader::new(zone).read(text.as_bytes(), Bare::Start);
    at.ok_or_else(|| Problem::NoTime { flag, text: text.to_owned() }.into())
}

/// What is said for one table each.
type ByTable<T> = Vec<(Table, T)>;

/// What is said for all tables (the last counts), and what for some of them: `NAME`, `TABLE=NAME`.
fn by_table<T>(
    texts: &[String],
    read: impl Fn(&str) -> Result<T>,
) -> Result<(Option<T>, ByTable<T>)> {
    let (mut all, mut some) = (None, Vec::new());
    for text in texts {
        match text.split_once('=') {
            Some((name, of)) => some.push((table(name)?, read(of)?)),
            None => all = Some(read(text)?),
        }
    }
    Ok((all, some))
}

/// The table of a name that was typed.
fn table(name: &str) -> Result<Table> {
    let known = Table::ALL.into_iter().find(|table| table.name() == name.trim());
    known.ok_or_else(|| Problem::NoSuchTable { name: name.to_owned() }.into())
}
