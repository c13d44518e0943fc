//! `graph.graphml` and `graph.dot`: cases, close contacts, and the exposures between them.
//!
//! For Gephi, Cytoscape, networkx, and for Graphviz. Venue-exposed people are left out. Cost: the
//! exposures twice; memory: the ids of the contacts.

use super::Lang;
use super::finished::{Finished, PairRow, text};
use std::collections::BTreeSet;
use std::io::{Result, Write};

const HEAD: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<graphml xmlns="http://graphml.graphdrawing.org/xmlns">
<key id="kind" for="node" attr.name="kind" attr.type="string"/>
<key id="anchor" for="node" attr.name="anchor" attr.type="string"/>
<key id="seconds" for="edge" attr.name="seconds" attr.type="long"/>
<key id="peak" for="edge" attr.name="peak_seconds" attr.type="long"/>
<key id="first" for="edge" attr.name="first_exposure" attr.type="string"/>
<key id="last" for="edge" attr.name="last_exposure" attr.type="string"/>
<key id="bases" for="edge" attr.name="bases" attr.type="string"/>
<key id="link" for="edge" attr.name="link" attr.type="boolean"/>
<graph id="exposures" edgedefault="directed">
"#;

/// Text as XML; what XML cannot hold becomes U+FFFD.
pub fn xml(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\t' | '\n' | '\r' => escaped.push(' '),
            '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            other => escaped.push(other),
        }
    }
    escaped
}

/// The close contacts, and then every exposure of one and every link between cases.
fn each(
    finished: &Finished,
    out: &mut dyn Write,
    contact: impl Fn(&mut dyn Write, &str) -> Result<()>,
    edge: impl Fn(&mut dyn Write, &PairRow, bool) -> Result<()>,
) -> Result<()> {
    let mut people = BTreeSet::new();
    for row in finished.rows::<PairRow>("exposures.csv")? {
        people.insert(row?.person_id);
    }
    people.iter().try_for_each(|person| contact(out, person))?;
    for (table, link) in [("exposures.csv", false), ("links.csv", true)] {
        for row in finished.rows::<PairRow>(table)? {
            edge(out, &row?, link)?;
        }
    }
    Ok(())
}

/// Writes `graph.graphml`.
pub fn graphml(finished: &Finished, _: Lang, out: &mut dyn Write) -> Result<()> {
    out.write_all(HEAD.as_bytes())?;
    for case in finished.list("cases") {
        let (id, anchor) = (xml(text(&case["id"])), text(&case["anchor"]));
        writeln!(
            out,
            r#"<node id="{id}"><data key="kind">case</data><data key="anchor">{anchor}</data></node>"#
        )?;
    }
    let node = |out: &mut dyn Write, person: &str| {
        writeln!(out, r#"<node id="{}"><data key="kind">contact</data></node>"#, xml(person))
    };
    each(finished, out, node, |out, row, link| {
        let (case, person) = (xml(&row.case_id), xml(&row.person_id));
        writeln!(out, r#"<edge source="{case}" target="{person}">"#)?;
        for (key, value) in [
            ("seconds", row.seconds.to_string()),
            ("peak", row.peak_seconds.to_string()),
            ("first", row.first_exposure.clone()),
            ("last", row.last_exposure.clone()),
            ("bases", row.bases.clone()),
            ("link", link.to_string()),
        ] {
            write!(out, r#"<data key="{key}">{value}</data>"#)?;
        }
        writeln!(out, "</edge>")
    })?;
    out.write_all(b"</graph>\n</graphml>\n")
}

/// Text in quotes as Graphviz reads it.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => quoted.push(' '),
            c => quoted.push(c),
        }
    }
    quoted + "\""
}

/// Writes `graph.dot`.
pub fn dot(finished: &Finished, _: Lang, out: &mut dyn Write) -> Result<()> {
    writeln!(out, "digraph exposures {{\n  node [shape=circle, style=filled, fontsize=9];")?;
    for case in finished.list("cases") {
        let id = quoted(text(&case["id"]));
        writeln!(out, "  {id} [fillcolor=\"#cf9bea\", anchor={}];", quoted(text(&case["anchor"])))?;
    }
    let node = |out: &mut dyn Write, person: &str| {
        writeln!(out, "  {} [fillcolor=\"#e8edf3\"];", quoted(person))
    };
    each(finished, out, node, |out, row, link| {
        let style = if link { "bold" } else { "solid" };
        let (case, person) = (quoted(&row.case_id), quoted(&row.person_id));
        writeln!(out, "  {case} -> {person} [style={style}, seconds={}];", row.seconds)
    })?;
    writeln!(out, "}}")
}
