//! Pictures for slides, as SVG: the epidemic curve, the board of zones, the clusters of linked
//! cases.
//!
//! Plain shapes and text, no script and no reference outside; they open in any browser and in
//! office programs. What does not fit is counted, not drawn. Cost: a pass over the zones, cases and
//! links.

use super::finished::{Finished, PairRow, ZoneRow, text};
use super::graph::xml;
use super::todo::ZoneNames;
use super::words::{Lang, day};
use crate::base::time::Date;
use hashbrown::HashMap;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{Result, Write};

const INK: &str = "#1b2430";
const SOFT: &str = "#5b6675";
const HIGH: &str = "#b3402a";
const LOW: &str = "#2b6f8f";
const MARK: &str = "#d98c00";
const CASE: &str = "#7a3e9d";

/// Zones of one county, and linked cases, that are drawn.
const MOST_ZONES: usize = 60;
const MOST_NODES: usize = 300;

/// A picture of some size, with a title.
fn picture(
    out: &mut dyn Write,
    title: &str,
    as_of: &str,
    [w, h]: [f64; 2],
    body: &str,
) -> Result<()> {
    let day = as_of.get(..16).unwrap_or("").replace('T', " ");
    let fonts = "system-ui, 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', sans-serif";
    let size = format!("viewBox=\"0 0 {w:.0} {h:.0}\" width=\"{w:.0}\" height=\"{h:.0}\"");
    let space = "http://www.w3.org/2000/svg";
    writeln!(out, "<svg xmlns=\"{space}\" {size} font-family=\"{fonts}\" font-size=\"13\">")?;
    writeln!(out, "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>")?;
    let bold = "font-size=\"20\" font-weight=\"600\"";
    let title = label(24.0, 36.0, INK, bold, title);
    let day = label(w - 24.0, 36.0, SOFT, "text-anchor=\"end\"", &day);
    writeln!(out, "{title}{day}{body}</svg>")
}

fn label(x: f64, y: f64, fill: &str, more: &str, words: &str) -> String {
    format!("<text x=\"{x:.1}\" y=\"{y:.1}\" fill=\"{fill}\" {more}>{}</text>\n", xml(words))
}

/// `picture-curve.svg`: cases by onset and by confirmation.
pub fn curve(finished: &Finished, lang: Lang, out: &mut dyn Write) -> Result<()> {
    let days: Vec<(Date, u64, u64)> = super::page::curve(finished)
        .into_iter()
        .filter_map(|(day, onsets, confirmed)| Some((Date::parse(day)?, onsets, confirmed)))
        .collect();
    let (first, last) = (days.first().map_or(0, |d| d.0.0), days.last().map_or(0, |d| d.0.0));
    let most = days.iter().map(|&(_, a, b)| a.max(b)).max().unwrap_or(1).max(1) as f64;
    let (w, h, base) = (1000.0, 420.0, 370.0);
    let step = ((w - 90.0) / f64::from(last - first + 1)).min(110.0);
    let mut body = format!("<path d=\"M60,{base} H{:.0}\" stroke=\"{SOFT}\"/>\n", w - 24.0);
    body += &label(52.0, 84.0, SOFT, "text-anchor=\"end\"", &most.to_string());
    body += &label(52.0, base, SOFT, "text-anchor=\"end\"", "0");
    let every = (70.0 / step).ceil() as i32;
    for &(day, onsets, confirmed) in &days {
        let x = 64.0 + f64::from(day.0 - first) * step;
        for (count, dx, fill) in [(onsets, 0.08, MARK), (confirmed, 0.5, LOW)] {
            let height = count as f64 / most * 290.0;
            let (x, y, w) = (x + dx * step, base - height, step * 0.4);
            let _ = writeln!(
                body,
                r#"<rect x="{x:.1}" y="{y:.1}" width="{w:.1}" height="{height:.1}" fill="{fill}"/>"#
            );
        }
    }
    for day in (first..=last).step_by(every.max(1) as usize).filter(|_| !days.is_empty()) {
        let x = 64.0 + f64::from(day - first) * step;
        body += &label(x, base + 20.0, SOFT, "", &Date(day).to_string()[5..]);
    }
    for (x, fill, words) in [(64.0, MARK, lang.say("onset")), (160.0, LOW, lang.say("confirmed"))] {
        let _ = writeln!(body, r#"<rect x="{x}" y="52" width="12" height="12" fill="{fill}"/>"#);
        body += &label(x + 18.0, 63.0, INK, "", words);
    }
    picture(out, lang.say("Epidemic curve"), finished.as_of(), [w, h], &body)
}

/// `picture-zones.svg`: the doors that are closed, by county, and until when.
pub fn zones(finished: &Finished, lang: Lang, out: &mut dyn Write) -> Result<()> {
    let mut counties: BTreeMap<String, Vec<ZoneRow>> = BTreeMap::new();
    for zone in finished.zones()? {
        counties.entry(zone.county.clone()).or_default().push(zone);
    }
    let (w, mut y, mut body) = (1000.0, 76.0, String::new());
    let names = ZoneNames::of(finished, lang)?;
    for (county, mut zones) in counties {
        zones.sort_by(|a, b| (&a.status, &a.zone_id).cmp(&(&b.status, &b.zone_id)));
        let count = |status: &str| zones.iter().filter(|zone| zone.status == status).count();
        let (high, low) = (count("high"), count("low"));
        let name = if county.is_empty() { "—" } else { &county };
        let words = format!(
            "{name}  ·  {} {high}  ·  {} {low}",
            lang.say("high-risk"),
            lang.say("released")
        );
        body += &label(24.0, y, INK, "font-weight=\"600\"", &words);
        y += 14.0;
        let mut x = 24.0;
        for zone in zones.iter().take(MOST_ZONES) {
            let is_high = zone.status == "high";
            let until = Date::parse(&zone.downgrade_on).map(|date| day(date, lang));
            let until = until.unwrap_or_default();
            let words: String = names.name(&zone.zone_id).chars().take(34).collect();
            let words =
                if is_high { format!("■ {words} → {until}") } else { format!("□ {words}") };
            let wide =
                words.chars().map(|c| if c.is_ascii() { 7.2 } else { 13.5 }).sum::<f64>() + 16.0;
            if x + wide > w - 24.0 && x > 24.0 {
                (x, y) = (24.0, y + 32.0);
            }
            let (stroke, fill) = if is_high { (HIGH, "#f8e5e0") } else { (LOW, "#ffffff") };
            let _ = writeln!(
                body,
                r#"<rect x="{x:.1}" y="{y:.1}" width="{wide:.1}" height="26" rx="5" fill="{fill}" stroke="{stroke}"/>"#
            );
            body += &label(x + 8.0, y + 18.0, INK, "", &words);
            x += wide + 8.0;
        }
        if zones.len() > MOST_ZONES {
            body += &label(x + 4.0, y + 18.0, SOFT, "", &format!("+{}", zones.len() - MOST_ZONES));
        }
        y += 60.0;
    }
    picture(out, lang.say("Risk zones"), finished.as_of(), [w, y], &body)
}

/// `picture-graph.svg`: clusters of linked cases, from left to right by anchor day.
pub fn graph(finished: &Finished, lang: Lang, out: &mut dyn Write) -> Result<()> {
    let anchors: HashMap<&str, Date> = finished
        .list("cases")
        .iter()
        .filter_map(|case| Some((text(&case["id"]), Date::parse(text(&case["anchor"]))?)))
        .collect();
    let mut links = finished.rows::<PairRow>("links.csv")?.collect::<Result<Vec<_>>>()?;
    links.retain(|link| anchors.get(link.case_id.as_str()) <= anchors.get(link.person_id.as_str()));
    let (w, mut y, mut body) = (1000.0, 84.0, String::new());
    let (mut drawn, mut left_out) = (0, 0);
    for cluster in finished.summary["clusters"].as_array().into_iter().flatten() {
        let members: Vec<&str> = cluster.as_array().into_iter().flatten().map(text).collect();
        if drawn + members.len() > MOST_NODES {
            left_out += members.len();
            continue;
        }
        drawn += members.len();
        y += cluster_at(&members, &anchors, &links, y, w, &mut body) + 30.0;
    }
    if left_out > 0 {
        let words = lang.say("linked cases left out");
        body += &label(24.0, y, SOFT, "", &format!("{left_out} {words}"));
        y += 24.0;
    }
    let title = lang.say("Clusters of linked cases");
    picture(out, title, finished.as_of(), [w, y + 10.0], &body)
}

/// Draws one cluster with its top at `top`; returns its height.
fn cluster_at(
    members: &[&str],
    anchors: &HashMap<&str, Date>,
    links: &[PairRow],
    top: f64,
    w: f64,
    body: &mut String,
) -> f64 {
    let day = |id: &str| anchors.get(id).map_or(0, |date| date.0);
    let first = members.iter().map(|id| day(id)).min().unwrap_or(0);
    let last = members.iter().map(|id| day(id)).max().unwrap_or(0);
    let step = ((w - 180.0) / f64::from((last - first).max(1))).min(130.0);
    let mut rows: BTreeMap<i32, u32> = BTreeMap::new();
    let mut at: HashMap<&str, (f64, f64)> = HashMap::new();
    for &id in members {
        let row = rows.entry(day(id)).or_default();
        at.insert(id, (50.0 + f64::from(day(id) - first) * step, top + f64::from(*row) * 40.0));
        *row += 1;
    }
    for link in links {
        let ends = (at.get(link.case_id.as_str()), at.get(link.person_id.as_str()));
        let (Some(&(x, y)), Some(&(u, v))) = ends else { continue };
        let bend = (x + u) / 2.0 - if x == u { 34.0 } else { 0.0 };
        let line = format!("M{x:.1},{y:.1} C{bend:.1},{y:.1} {bend:.1},{v:.1} {u:.1},{v:.1}");
        let look = format!("stroke=\"{SOFT}\" fill=\"none\" opacity=\"0.7\"");
        let _ = writeln!(body, "<path d=\"{line}\" {look}/>");
    }
    for id in members {
        let (x, y) = at[id];
        let _ = writeln!(body, r#"<circle cx="{x:.1}" cy="{y:.1}" r="6" fill="{CASE}"/>"#);
        *body += &label(x, y - 10.0, INK, "text-anchor=\"middle\" font-size=\"11\"", id);
    }
    let height = f64::from(rows.values().copied().max().unwrap_or(0)) * 40.0;
    for day in rows.keys() {
        let x = 50.0 + f64::from(day - first) * step - 14.0;
        *body +=
            &label(x, top + height - 14.0, SOFT, "font-size=\"11\"", &Date(*day).to_string()[5..]);
    }
    height + 10.0
}
