//! What `trace run` and `trace report` show: which files, in which language, and the summary printed.

use crate::cli::flags::{self as cli, ShowArgs};
use serde_json::Value;
use trace::base::error::{Error, Result};
use trace::report::{Extra, HandoverBy, Lang};

/// The language asked for, or that of the locale.
pub fn lang(asked: Option<cli::Lang>) -> Lang {
    let of_locale = || {
        let locale = ["LC_ALL", "LC_MESSAGES", "LANG"]
            .into_iter()
            .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
        if locale.is_some_and(|locale| locale.starts_with("zh")) { Lang::Zh } else { Lang::En }
    };
    match asked {
        Some(cli::Lang::En) => Lang::En,
        Some(cli::Lang::Zh) => Lang::Zh,
        None => of_locale(),
    }
}

/// The files asked for.
pub fn extras(args: &ShowArgs) -> Result<Vec<Extra>> {
    if args.formats.contains(&cli::Extra::None) && args.formats.len() > 1 {
        return Err(Error::usage("--formats: `none` stands alone"));
    }
    let mut extras: Vec<Extra> = Vec::new();
    for format in &args.formats {
        let extra = match format {
            cli::Extra::Html => Extra::Html,
            cli::Extra::Xlsx => Extra::Xlsx,
            cli::Extra::Geojson => Extra::Geojson,
            cli::Extra::Graphml => Extra::Graphml,
            cli::Extra::Dot => Extra::Dot,
            cli::Extra::Ics => Extra::Ics,
            cli::Extra::Svg => Extra::Svg,
            #[cfg(feature = "parquet")]
            cli::Extra::Parquet => Extra::Parquet,
            #[cfg(not(feature = "parquet"))]
            cli::Extra::Parquet => {
                return Err(Error::usage("--formats: this build does not write Parquet")
                    .hint("build with the feature `parquet`"));
            }
            cli::Extra::None => continue,
        };
        if !extras.contains(&extra) {
            extras.push(extra);
        }
    }
    extras.extend(args.excel.then_some(Extra::Excel));
    extras.extend(args.handover.map(|grain| match grain {
        cli::HandoverBy::County => Extra::Handover(HandoverBy::County),
        cli::HandoverBy::Compound => Extra::Handover(HandoverBy::Compound),
    }));
    Ok(extras)
}

/// The summary for a tired person.
///
/// `age` is how many days as-of lies before now.
pub fn short(summary: &Value, age: i64, output: &str, lang: Lang) -> String {
    let t = |english, chinese| lang.pick(english, chinese);
    let counts = &summary["counts"];
    let number = |value: &Value| value.as_u64().unwrap_or(0);
    let mut lines = vec![format!(
        "{} {} · {} {}",
        t("as of", "截至"),
        summary["as_of"].as_str().unwrap_or(""),
        t("policy", "政策"),
        summary["policy"]["name"].as_str().unwrap_or("")
    )];
    lines.extend(later_rows(summary, age, lang));
    lines.extend([
        String::new(),
        format!("{:>9}  {}", number(&counts["cases"]), t("cases", "感染者")),
        format!("{:>9}  {}", number(&counts["close_contacts"]), t("close contacts", "密切接触者")),
        format!(
            "{:>9}  {}",
            number(&counts["venue_exposed"]),
            t("venue-exposed", "涉疫场所暴露人员")
        ),
    ]);
    let without_source = summary["cases_without_source"].as_array().map_or(0, Vec::len);
    let (links, clusters) = (number(&counts["links"]), number(&counts["clusters"]));
    lines.push(match lang {
        Lang::En => format!(
            "{links:>9}  links between cases, in {clusters} clusters; {without_source} cases without \
             a known source"
        ),
        Lang::Zh => format!(
            "{links:>9}  病例间关联，{clusters} 起聚集；{without_source} 例来源不明"
        ),
    });
    if summary["policy"]["zone"].is_object() {
        lines.extend(zones(counts, lang));
    }
    lines.push(String::new());
    let heads = [t("active", "执行中"), t("elapsed", "已期满")];
    lines.push(row("", t("measures", "管控措施"), heads));
    if let Some(measures) = counts["measures"].as_object() {
        for (kind, of) in measures.iter().filter(|(kind, _)| summary["policy"][kind].is_object()) {
            let [active, elapsed] =
                ["active", "elapsed"].map(|state| number(&of[state]).to_string());
            lines.push(row("  ", in_words(kind, lang), [&active, &elapsed]));
        }
    }
    lines.push(String::new());
    lines.extend(rows(summary, lang));
    let used = number(&counts["used_without_a_cell"]);
    if used > 0 {
        lines.push(match lang {
            Lang::En => format!("{used} rows count without a bad cell: see rejects.csv"),
            Lang::Zh => format!("{used} 行因个别单元格有误而不计该单元格：见 rejects.csv"),
        });
    }
    let checks = number(&counts["checks"]);
    if checks > 0 {
        lines.push(match lang {
            Lang::En => format!("{checks} things to look at before acting: see checks.csv"),
            Lang::Zh => format!("{checks} 项请在处置前核对：见 checks.csv"),
        });
    }
    lines.push(format!("{} {output}", t("results in", "结果在")));
    lines.join("\n") + "\n"
}

/// What a run that speaks for a moment in the past leaves out: without a word, nobody would ever be
/// released once cases stop.
fn later_rows(summary: &Value, age: i64, lang: Lang) -> Option<String> {
    let tables = summary["input"]["tables"].as_object().into_iter().flatten();
    let later: u64 = tables.filter_map(|(_, rows)| rows["after_as_of"].as_u64()).sum();
    (later > 0).then(|| match lang {
        Lang::En if age <= 0 => format!("{later} rows lie after that and do not count"),
        Lang::Zh if age <= 0 => format!("其后有 {later} 行未计入"),
        Lang::En => format!(
            "{later} rows lie after that and do not count; it is {age} days ago (--as-of today speaks for \
             today)"
        ),
        Lang::Zh => {
            format!("其后有 {later} 行未计入；该时间距今 {age} 天（--as-of today 以今天为准）")
        }
    })
}

/// How many zones there are of each grain.
fn zones(counts: &Value, lang: Lang) -> Vec<String> {
    let t = |english, chinese| lang.pick(english, chinese);
    let number = |value: &Value| value.as_u64().unwrap_or(0);
    let mut lines = vec![String::new()];
    lines.push(row("", t("zones", "风险区"), [t("high", "高"), t("released", "已降级")]));
    for level in ["unit", "building", "place"] {
        let zones = &counts["zones"][level];
        let [high, low] = ["high", "low"].map(|status| number(&zones[status]).to_string());
        lines.push(row("  ", in_words(level, lang), [&high, &low]));
    }
    let counties = number(&counts["zones"]["county"]["low"]);
    lines.push(match lang {
        Lang::En => format!("  low-risk rest of {counties} counties"),
        Lang::Zh => format!("  {counties} 个区县的其他区域为低风险区"),
    });
    lines
}

fn rows(summary: &Value, lang: Lang) -> Vec<String> {
    let t = |english, chinese| lang.pick(english, chinese);
    let mut lines = Vec::new();
    let tables = summary["input"]["tables"].as_object();
    for (table, rows) in tables.into_iter().flatten() {
        let number = |key: &str| rows[key].as_u64().unwrap_or(0);
        let (all, used) = (number("rows"), number("used"));
        let mut line = match lang {
            Lang::En => format!("{table}: {all} rows, {used} used"),
            Lang::Zh => format!("{table}：{all} 行，使用 {used} 行"),
        };
        for (key, what) in [
            ("rejected", t("rejected", "行被拒绝")),
            ("repeated", t("repeated", "行重复")),
            ("after_as_of", t("after as-of", "行晚于截至时间")),
            ("inaccurate", t("too inaccurate", "行精度不足")),
            ("earlier_episode", t("of an earlier episode", "行属于前次感染")),
        ] {
            if number(key) > 0 {
                line.push_str(&format!("{}{} {what}", t(", ", "，"), number(key)));
            }
        }
        lines.push(line);
    }
    let mut columns: Vec<(&str, &str)> = Vec::new();
    for file in summary["input"]["files"].as_array().into_iter().flatten() {
        let table = file["table"].as_str().unwrap_or("");
        let ignored = file["ignored_columns"].as_array().into_iter().flatten();
        columns.extend(ignored.filter_map(|name| Some((table, name.as_str()?))));
    }
    columns.sort_unstable();
    columns.dedup();
    for (table, column) in columns {
        lines.push(match lang {
            Lang::En => format!("ignored: column `{column}` of {table} has no meaning here"),
            Lang::Zh => format!("已忽略：{table} 的列 `{column}` 在此无含义"),
        });
    }
    for name in summary["input"]["ignored"].as_array().into_iter().flatten() {
        let name = name.as_str().unwrap_or("");
        lines.push(match lang {
            Lang::En => format!("ignored: `{name}` is no table"),
            Lang::Zh => format!("已忽略：`{name}` 不是数据表"),
        });
    }
    lines
}

/// A line of the summary: words, then two numbers under each other.
fn row(indent: &str, words: &str, [a, b]: [&str; 2]) -> String {
    // A Chinese character is two columns wide.
    let wide = |text: &str| text.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum::<usize>();
    let pad = |text: &str, width: usize| " ".repeat(width.saturating_sub(wide(text)));
    let first = format!("{indent}{words}");
    format!("{first}{}{a}{}{b}", pad(&format!("{first}{a}"), 25), pad(b, 10))
}

fn in_words(word: &str, lang: Lang) -> &str {
    if lang == Lang::Zh { trace::report::chinese(word) } else { word }
}
