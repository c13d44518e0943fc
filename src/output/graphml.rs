//! `graph.graphml`: cases, close contacts and the exposures between them, with typed attributes.
//!
//! For Gephi, Cytoscape, networkx. Venue-exposed people are left out. One pass, nothing kept.

use super::Findings;
use crate::exposure::Pair;
use crate::scan::Basis;
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
fn xml(text: &str) -> String {
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

/// Writes the graph.
pub fn graphml(findings: &Findings<'_>, out: &mut dyn Write) -> Result<()> {
    let analysis = findings.analysis;
    out.write_all(HEAD.as_bytes())?;
    for (case, row) in analysis.cases.iter() {
        writeln!(
            out,
            r#"<node id="{}"><data key="kind">case</data><data key="anchor">{}</data></node>"#,
            xml(&row.id),
            analysis.cases.anchor(case)
        )?;
    }
    let people: BTreeSet<&str> =
        findings.pairs.iter().map(|pair| analysis.evidence.id(pair.person)).collect();
    for person in people {
        writeln!(out, r#"<node id="{}"><data key="kind">contact</data></node>"#, xml(person))?;
    }
    let mut edge = |pair: &Pair, link: bool| {
        let bases: Vec<&str> = pair.bases.iter().map(Basis::name).collect();
        let (case, person) =
            (xml(&analysis.cases.get(pair.case).id), xml(analysis.evidence.id(pair.person)));
        writeln!(out, r#"<edge source="{case}" target="{person}">"#)?;
        for (key, value) in [
            ("seconds", pair.seconds.to_string()),
            ("peak", pair.peak_seconds.to_string()),
            ("first", analysis.zone().show(pair.first)),
            ("last", analysis.zone().show(pair.last)),
            ("bases", bases.join(";")),
            ("link", link.to_string()),
        ] {
            write!(out, r#"<data key="{key}">{value}</data>"#)?;
        }
        writeln!(out, "</edge>")
    };
    findings.pairs.iter().try_for_each(|pair| edge(pair, false))?;
    findings.links.iter().try_for_each(|&(_, _, pair)| edge(pair, true))?;
    out.write_all(b"</graph>\n</graphml>\n")
}
