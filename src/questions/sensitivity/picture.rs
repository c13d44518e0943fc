//! The lines as a picture: one small chart a number, so that one sees where a curve is steep.
//!
//! An SVG of shapes and words, in either language; nothing in it is run.

use super::{Line, Sensitivity};
use crate::base::words::Lang;
use std::fmt::Write;

/// Width and height of a chart, with its words.
const CHART: (f64, f64) = (330.0, 190.0);

/// Charts beside each other.
const ACROSS: usize = 2;

/// Room around the bars: left, right, above, below.
const ROOM: (f64, f64, f64, f64) = (16.0, 16.0, 46.0, 34.0);

/// Draws the people who are held, for each value of each number.
pub fn picture(of: &Sensitivity, lang: Lang) -> String {
    let mut numbers: Vec<&str> = Vec::new();
    for line in &of.lines {
        if !numbers.contains(&line.number.as_str()) {
            numbers.push(&line.number);
        }
    }
    let rows = numbers.len().div_ceil(ACROSS);
    let (width, height) = (CHART.0 * ACROSS as f64, CHART.1 * rows as f64 + 30.0);
    let title = lang.fill("people held, by numbers of the policy; as of {}", &[&of.as_of]);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
         height=\"{height}\" font-family=\"sans-serif\" font-size=\"11\" role=\"img\">\n\
         <title>{title}</title>\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n\
         <text x=\"16\" y=\"20\" font-size=\"14\" font-weight=\"bold\">{}</text>\n",
        escaped(&title),
        title = escaped(&title),
    );
    let most = of.lines.iter().map(|line| line.held).max().unwrap_or(0).max(1);
    for (n, number) in numbers.into_iter().enumerate() {
        let lines: Vec<&Line> = of.lines.iter().filter(|line| line.number == number).collect();
        let at = ((n % ACROSS) as f64 * CHART.0, (n / ACROSS) as f64 * CHART.1 + 30.0);
        chart(&mut svg, at, number, &lines, most);
    }
    svg + "</svg>\n"
}

fn chart(svg: &mut String, (left, top): (f64, f64), number: &str, lines: &[&Line], most: u64) {
    let (bars, high) = (CHART.0 - ROOM.0 - ROOM.1, CHART.1 - ROOM.2 - ROOM.3);
    let step = bars / lines.len().max(1) as f64;
    let foot = top + CHART.1 - ROOM.3;
    let _ = writeln!(
        svg,
        "<text x=\"{}\" y=\"{}\" font-weight=\"bold\">{}</text>",
        left + ROOM.0,
        top + 22.0,
        escaped(number)
    );
    for (n, line) in lines.iter().enumerate() {
        let height = line.held as f64 / most as f64 * high;
        let x = left + ROOM.0 + n as f64 * step;
        let (middle, fill) = (x + step / 2.0, if line.as_asked { "#b3261e" } else { "#8a9db5" });
        let _ = writeln!(
            svg,
            "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{height:.1}\" fill=\"{fill}\"/>",
            x + step * 0.15,
            foot - height,
            step * 0.7,
        );
        let label = |y: f64, text: &str| {
            format!(
                "<text x=\"{middle:.1}\" y=\"{y:.1}\" text-anchor=\"middle\">{}</text>\n",
                escaped(text)
            )
        };
        svg.push_str(&label(foot - height - 4.0, &line.held.to_string()));
        svg.push_str(&label(foot + 14.0, line.value.trim_end_matches("-2022-11")));
    }
    let _ = writeln!(
        svg,
        "<line x1=\"{}\" x2=\"{}\" y1=\"{foot}\" y2=\"{foot}\" stroke=\"#444\"/>",
        left + ROOM.0,
        left + CHART.0 - ROOM.1
    );
}

/// A text in which nothing is markup.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_has_a_bar_for_each_line_and_no_markup_of_others() {
        let line = |value: &str, held| Line {
            number: "exposure.<min>".to_owned(),
            value: value.to_owned(),
            as_asked: held == 7,
            close_contacts: 1,
            venue_exposed: 0,
            held,
            held_days: 0,
            zones: 0,
            residents: 0,
        };
        let (as_of, policy) = ("2022-11-08".to_owned(), "p".to_owned());
        let lines = vec![line("1", 7), line("2", 3)];
        let svg = picture(&Sensitivity { as_of, policy, lines, near: Vec::new() }, Lang::Zh);
        assert_eq!(svg.matches("<rect x").count(), 2);
        assert!(svg.contains("exposure.&lt;min&gt;") && svg.contains("被管控"));
    }
}
