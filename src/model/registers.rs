//! What else an export may hold, and need not: who came from abroad, what people were ordered, who
//! was tested in which zone, when a zone was announced.
//!
//! Plain data, in the order of the input rows; orders are by person and time. Without a table its
//! list is empty, and nothing else changes.

use super::{PlaceId, RowRef};
use crate::base::time::{Date, Instant, Span};

/// Somebody who came from abroad (入境人员; the Notice, measures 9 and 10).
#[derive(Debug, Clone, PartialEq)]
pub struct Arrival {
    /// Who.
    pub person: Box<str>,
    /// When they entered.
    pub entered: Instant,
    /// When the sample was taken on which they are released from central isolation.
    pub sampled: Option<Instant>,
    /// Its Ct value; without one it was negative.
    pub ct: Option<f64>,
    /// When the second sample was taken.
    pub retested: Option<Instant>,
    /// Its Ct value; without one it was negative.
    pub retest_ct: Option<f64>,
    /// The row.
    pub row: RowRef,
}

/// Where somebody was ordered to stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum OrderKind {
    /// 集中隔离.
    Central,
    /// 居家隔离.
    Home,
    /// 健康监测: they go out where they must, and not where people crowd.
    Monitor,
    /// 闭环管理: a closed loop (闭环泡泡; the Notice, measure 8).
    Bubble,
}

impl OrderKind {
    /// All of them.
    pub const ALL: [OrderKind; 4] =
        [OrderKind::Central, OrderKind::Home, OrderKind::Monitor, OrderKind::Bubble];

    /// The name in tables.
    pub fn name(self) -> &'static str {
        match self {
            OrderKind::Central => "central",
            OrderKind::Home => "home",
            OrderKind::Monitor => "monitor",
            OrderKind::Bubble => "bubble",
        }
    }
}

/// An order (管控令): somebody stays at a place for a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// Who.
    pub person: Box<str>,
    /// Of which kind.
    pub kind: OrderKind,
    /// When; without an end for ever.
    pub span: Span,
    /// Where they may be; of several rows of one time each names one.
    pub place: Option<PlaceId>,
    /// The row.
    pub row: RowRef,
}

/// A test of somebody in a zone (风险区核酸筛查).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Screening {
    /// The zone, when the row names it.
    pub zone: Option<Box<str>>,
    /// The place, when the row names it.
    pub place: Option<PlaceId>,
    /// Who.
    pub person: Box<str>,
    /// The day of the sample.
    pub date: Date,
    /// Whether the virus was found.
    pub positive: bool,
    /// The row.
    pub row: RowRef,
}

/// When a zone was announced (公布).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announcement {
    /// The zone.
    pub zone: Box<str>,
    /// When.
    pub at: Instant,
    /// The row.
    pub row: RowRef,
}

/// All of them.
#[derive(Debug, Clone, Default)]
pub struct Registers {
    /// `arrivals`.
    pub arrivals: Vec<Arrival>,
    /// `orders`, by person and time.
    pub orders: Vec<Order>,
    /// `screenings`.
    pub screenings: Vec<Screening>,
    /// `announcements`.
    pub announcements: Vec<Announcement>,
}

impl Registers {
    /// The orders of somebody, in order of their times. O(log n).
    pub fn orders_of(&self, person: &str) -> &[Order] {
        let first = self.orders.partition_point(|order| &*order.person < person);
        let of_person = self.orders[first..].partition_point(|order| &*order.person == person);
        &self.orders[first..first + of_person]
    }
}
