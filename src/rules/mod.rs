//! The rules: from evidence to exposures, contacts, zones and measures, each with its source.
//!
//! Pure functions of evidence: [`exposure::pairs`] sums up, [`graph::ExposureGraph`] joins,
//! [`contacts::Contacts`], [`zones::zones`] and [`measures::measures`] read off it.
//!
//! ```
//! use trace::base::time::{Instant, Span, TimeZone};
//! use trace::model::{Case, Cases, Places, RowRef};
//! use trace::policy::Policy;
//! use trace::rules::{contacts::Contacts, exposure, graph::ExposureGraph};
//! use trace::search::evidence::{Basis, Found, Where};
//!
//! # fn main() -> trace::base::error::Result<()> {
//! let (policy, zone) = (Policy::preset("cn-2022-11")?, TimeZone::get("Asia/Shanghai")?);
//! let (confirmed, as_of) = (Instant(1_668_000_000), Instant(1_668_100_000));
//! let (onset, sampled, isolated, imported) = (None, None, None, false);
//! let row = RowRef::new(0, 2);
//! let case = Case { id: "C1".into(), onset, sampled, confirmed, isolated, imported, row };
//! let cases = Cases::new(vec![case], &policy.exposure, &zone, as_of);
//!
//! // C1 and P1 were together for 20 minutes at a place called H1, two input rows say.
//! let mut found = Found::default();
//! let span = Span::new(Instant(confirmed.0 - 1200), confirmed).expect("20 minutes");
//! let own = (cases.find("C1").expect("a case"), RowRef::new(1, 5));
//! found.add_match(own, (b"P1", RowRef::new(1, 9)), Basis::Venue, Where::Named(b"H1"), span);
//!
//! let mut places = Places::default();
//! let evidence = found.settle(&mut places);
//! let pairs = exposure::pairs(&evidence, &places, &policy.exposure);
//! let graph = ExposureGraph::new(&cases, &evidence, pairs);
//! let contacts = Contacts::new(&graph);
//! assert_eq!(evidence.id(contacts.close[0].person), "P1");
//! # Ok(())
//! # }
//! ```

pub mod areas;
pub mod cells;
pub mod contacts;
pub mod crowds;
pub mod exposure;
pub mod facts;
pub mod graph;
pub mod measures;
pub mod notice;
pub mod options;
pub mod watch;
pub mod zones;
