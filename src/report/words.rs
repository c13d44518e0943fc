//! Words in two languages, and what the columns of the tables are.
//!
//! The terms are those of the Notice and the 9th edition; the tables themselves are the same in any
//! language.

use crate::output::checks::{HOME_OF_MANY, ISOLATED_SET_ASIDE, ONSET_SET_ASIDE, SAMPLED_SET_ASIDE};

/// The language of what a person reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lang {
    /// English.
    En,
    /// 中文.
    Zh,
}

impl Lang {
    /// The words in this language.
    pub fn pick<'a>(self, english: &'a str, chinese: &'a str) -> &'a str {
        match self {
            Lang::En => english,
            Lang::Zh => chinese,
        }
    }
}

/// What the cells of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Text, ids among it.
    Text,
    /// A whole number.
    Number,
    /// A day.
    Date,
    /// A moment.
    Instant,
}

/// A column's kind and its name in Chinese.
pub fn column(name: &str) -> (Kind, &'static str) {
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
        "case_id" => (Text, "病例编号"),
        "exposed_case_id" => (Text, "暴露病例编号"),
        "basis" => (Text, "判定依据"),
        "start" => (Instant, "开始"),
        "end" => (Instant, "结束"),
        "case_row" => (Text, "病例原始行"),
        "person_row" => (Text, "人员原始行"),
        "row" => (Text, "原始行／处理"),
        "encounters" => (Number, "接触次数"),
        "check" => (Text, "事项"),
        "table" => (Text, "表"),
        "id" => (Text, "编号"),
        "count" => (Number, "数量"),
        "what" => (Text, "说明"),
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
        "days" => (Number, "天数（单例最多）"),
        "contacts" => (Number, "密接人数"),
        "secondary" => (Number, "时序在后的关联"),
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
        "day" => (Date, "日期"),
        "people" => (Number, "人数"),
        "source" => (Text, "来源"),
        _ => (Text, ""),
    }
}

/// The words of the tables in Chinese; what is no word of theirs stays.
pub fn chinese(word: &str) -> &str {
    match word {
        "close_contact" => "密切接触者",
        "spillover" => "高风险区外溢人员",
        "venue_exposed" => "涉疫场所暴露人员",
        "closed_loop" => "结束闭环人员",
        "active" => "执行中",
        "elapsed" => "已期满",
        "high" => "高",
        "low" => "低",
        "unit" => "单元",
        "building" => "楼栋",
        "place" => "场所",
        "county" => "区县",
        "crowd" => "人群中",
        "date_only" => "仅知日期",
        "shared_position" => "多人同一坐标",
        "left_out" => "未计入",
        "used" => "已计入",
        "gps" => "定位",
        "household" => "同住",
        "proximity" => "近距离",
        "seat_unknown" => "座位不明",
        "transport" => "同乘",
        "venue" => "同场所",
        "activity" => "活动地",
        "escalated" => "多单元",
        "expanded" => "扩大",
        "residence" => "居住地",
        "onset_set_aside" => "发病日期未采用",
        "sampled_set_aside" => "采样日期未采用",
        "isolated_set_aside" => "隔离时间未采用",
        "home_of_many" => "居住地登记人数过多",
        ONSET_SET_ASIDE => "发病日期晚于确诊或过早，未采用",
        SAMPLED_SET_ASIDE => "采样日期晚于确诊或过早，未采用",
        ISOLATED_SET_ASIDE => "隔离时间早于该病例的传染期或在 2100 年以后，未采用",
        HOME_OF_MANY => "该病例居住地登记人数超过一户：不按同住判定",
        other => other,
    }
}

/// A cell of a table as a person reads it.
pub fn shown(column: &str, cell: &str, lang: Lang) -> String {
    let words = ["measure", "state", "status", "level", "bases", "basis", "row", "check", "what"];
    if lang == Lang::En || !words.contains(&column) {
        return cell.to_owned();
    }
    cell.split(';').map(chinese).collect::<Vec<_>>().join(";")
}
