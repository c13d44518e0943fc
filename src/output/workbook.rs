//! `report.xlsx`: the tables as sheets, for people who live in spreadsheets.
//!
//! Dates are dates, numbers are numbers, everything else is text: an id keeps its zeros and all its
//! digits, and no cell is a formula. Headers are frozen and have filters. A table longer than a sheet
//! goes on in another. Cost: the whole workbook in memory, so it is written only when asked for.

use super::tables;
use super::{Findings, Lang};
use crate::time::{DAY, Date};
use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};
use std::io::{Error, Result, Write};

/// Rows of a sheet, without its header.
const SHEET_ROWS: u32 = 1_048_575;

/// Characters of a cell.
const MOST_TEXT: usize = 32_767;

/// What the cells of a column are.
#[derive(Clone, Copy)]
enum Kind {
    Text,
    Number,
    Date,
    Instant,
}

/// A column's kind and its name in Chinese.
fn column(name: &str) -> (Kind, &'static str) {
    use Kind::{Date, Instant, Number, Text};
    match name {
        "person_id" => (Text, "人员编号"),
        "rank" => (Number, "次序"),
        "cases" => (Number, "病例数"),
        "case_ids" => (Text, "病例编号"),
        "first_exposure" => (Instant, "首次暴露"),
        "last_exposure" => (Instant, "末次暴露"),
        "minutes" => (Number, "分钟"),
        "peak_minutes" => (Number, "窗口内最长分钟"),
        "bases" => (Text, "判定依据"),
        "places" => (Text, "地点"),
        "infector" => (Text, "病例（先）"),
        "infectee" => (Text, "病例（后）"),
        "seconds" => (Number, "秒"),
        "peak_seconds" => (Number, "窗口内最长秒数"),
        "serial_days" => (Number, "间隔天数"),
        "zone_id" => (Text, "风险区编号"),
        "level" => (Text, "级别"),
        "status" => (Text, "状态"),
        "county" => (Text, "区县"),
        "compound" => (Text, "小区"),
        "building" => (Text, "楼栋"),
        "unit" => (Text, "单元"),
        "place_id" => (Text, "场所编号"),
        "days" => (Number, "人天"),
        "contacts" => (Number, "密接人数"),
        "secondary" => (Number, "续发关联"),
        "residents" => (Number, "居住人数"),
        "present" => (Number, "到访人数"),
        "risk_from" => (Instant, "风险起始"),
        "last_case_date" => (Date, "末例日期"),
        "downgrade_on" => (Date, "降级日期"),
        "announce_by" => (Instant, "公布时限"),
        "measure" => (Text, "管控措施"),
        "code" => (Text, "赋码"),
        "state" => (Text, "执行状态"),
        "day0" => (Date, "起算日"),
        "phases" => (Text, "阶段"),
        "tests" => (Text, "核酸日期"),
        "release_on" => (Date, "解除日期"),
        "zone_ids" => (Text, "风险区编号"),
        "file" => (Text, "文件"),
        "line" => (Number, "行"),
        "column" => (Text, "列"),
        "value" => (Text, "取值"),
        "reason" => (Text, "原因"),
        "key" => (Text, "参数"),
        "source" => (Text, "来源"),
        _ => (Text, ""),
    }
}

struct Formats {
    header: Format,
    date: Format,
    instant: Format,
}

/// Writes the workbook.
pub fn workbook(findings: &Findings<'_>, lang: Lang, out: &mut dyn Write) -> Result<()> {
    let mut book = Workbook::new();
    let formats = Formats {
        header: Format::new().set_bold().set_background_color("E8EDF3"),
        date: Format::new().set_num_format("yyyy-mm-dd"),
        instant: Format::new().set_num_format("yyyy-mm-dd hh:mm:ss"),
    };
    let sheets: [(&str, &str, super::WriteTable); 5] = [
        ("contacts", "密切接触者", tables::contacts),
        ("zones", "风险区", tables::zones),
        ("measures", "管控措施", tables::measures),
        ("links", "病例间关联", tables::links),
        ("venue-exposed", "涉疫场所暴露人员", tables::venue_exposed),
    ];
    for (english, chinese, table) in sheets {
        let mut text = Vec::new();
        table(findings, &mut text)?;
        add(&mut book, (english, chinese), &text, lang, &formats)?;
    }
    let analysis = findings.analysis;
    let mut text = Vec::new();
    tables::rejects(&analysis.folder, &analysis.account.rejects, &mut text)?;
    add(&mut book, ("rejects", "被拒绝的行"), &text, lang, &formats)?;
    let policy = &analysis.request.policy;
    let mut about = csv::Writer::from_writer(Vec::new());
    about.write_record(["key", "value", "source"])?;
    about.write_record(["as of", &analysis.zone().show(analysis.as_of), ""])?;
    about.write_record(["policy", &policy.name, &policy.title])?;
    for (name, value) in super::report::policy_table(policy) {
        let source = policy.sources.get(&name).map_or("", |source| source);
        about.write_record([&name, &value, source])?;
    }
    let about = about.into_inner().map_err(|e| Error::other(e.to_string()))?;
    add(&mut book, ("about", "说明"), &about, lang, &formats)?;
    out.write_all(&book.save_to_buffer().map_err(Error::other)?)
}

/// Adds a table as one or more sheets.
fn add(
    book: &mut Workbook,
    (english, chinese): (&str, &str),
    text: &[u8],
    lang: Lang,
    formats: &Formats,
) -> Result<()> {
    let mut reader = csv::Reader::from_reader(text);
    let names: Vec<String> = reader.headers()?.iter().map(str::to_owned).collect();
    let name = if lang == Lang::Zh { chinese } else { english };
    let mut sheet: Option<&mut Worksheet> = None;
    let (mut row, mut part) = (SHEET_ROWS, 0);
    let mut records = reader.into_records();
    loop {
        let record = records.next().transpose()?;
        if row >= SHEET_ROWS && (record.is_some() || part == 0) {
            (row, part) = (0, part + 1);
            let title = if part == 1 { name.to_owned() } else { format!("{name} {part}") };
            let fresh = book.add_worksheet().set_name(title).map_err(Error::other)?;
            header(fresh, &names, lang, formats).map_err(Error::other)?;
            sheet = Some(fresh);
        }
        let (Some(record), Some(sheet)) = (record, sheet.as_deref_mut()) else { return Ok(()) };
        row += 1;
        for (n, (cell, name)) in record.iter().zip(&names).enumerate() {
            write(sheet, row, n as u16, cell, column(name).0, formats).map_err(Error::other)?;
        }
    }
}

fn header(
    sheet: &mut Worksheet,
    names: &[String],
    lang: Lang,
    formats: &Formats,
) -> std::result::Result<(), XlsxError> {
    for (n, name) in names.iter().enumerate() {
        let (kind, chinese) = column(name);
        let shown = if lang == Lang::Zh && !chinese.is_empty() { chinese } else { name };
        sheet.write_string_with_format(0, n as u16, shown, &formats.header)?;
        let width = match kind {
            Kind::Number => 10.0,
            Kind::Date => 12.0,
            Kind::Instant => 19.0,
            Kind::Text => 18.0,
        };
        sheet.set_column_width(n as u16, width)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    sheet.autofilter(0, 0, SHEET_ROWS, names.len().saturating_sub(1) as u16)?;
    Ok(())
}

fn write(
    sheet: &mut Worksheet,
    row: u32,
    column: u16,
    cell: &str,
    kind: Kind,
    formats: &Formats,
) -> std::result::Result<(), XlsxError> {
    if cell.is_empty() {
        return Ok(());
    }
    match (kind, cell.parse::<f64>(), serial(cell)) {
        (Kind::Number, Ok(number), _) => sheet.write_number(row, column, number)?,
        (Kind::Date, _, Some(serial)) => {
            sheet.write_number_with_format(row, column, serial, &formats.date)?
        }
        (Kind::Instant, _, Some(serial)) => {
            sheet.write_number_with_format(row, column, serial, &formats.instant)?
        }
        _ if cell.chars().count() > MOST_TEXT => {
            let cut: String = cell.chars().take(MOST_TEXT - 1).collect();
            sheet.write_string(row, column, cut + "…")?
        }
        _ => sheet.write_string(row, column, cell)?,
    };
    Ok(())
}

/// A day or a local time as a spreadsheet counts it: days since 1899-12-30.
fn serial(cell: &str) -> Option<f64> {
    let number = |range: std::ops::Range<usize>| cell.get(range)?.parse::<i64>().ok();
    let date = Date::from_civil(number(0..4)?, number(5..7)?, number(8..10)?)?;
    let second = match cell.len() {
        10 => 0,
        _ => number(11..13)? * 3600 + number(14..16)? * 60 + number(17..19)?,
    };
    Some(f64::from(date.0 + 25_569) + second as f64 / DAY as f64)
}
