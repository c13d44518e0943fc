//! The columns of every table, and the names a header may use for them. Data only.

use crate::ingest::contract::column::{Column, Holds, may, must};

const SAMPLED: &[&str] = &["sample_date", "采样时间", "采样日期"];
const PERSON: Column = Column {
    name: "person_id",
    aliases: &[
        "身份证号",
        "身份证号码",
        "证件号码",
        "公民身份号码",
        "人员编号",
        "人员ID",
        "person",
        "uid",
        "user_id",
        "pid",
        "patient_id",
        "case_id",
    ],
    spare: &["id", "编号"],
    required: true,
    holds: Holds::Ids,
};
const START: &[&str] = &[
    "time",
    "timestamp",
    "datetime",
    "start_time",
    "started_at",
    "entered",
    "arrival",
    "arrived",
    "check_in",
    "checkin",
    "时间",
    "开始时间",
    "进入时间",
    "到达时间",
    "扫码时间",
];
const END: &[&str] = &[
    "end_time",
    "finished_at",
    "ended_at",
    "left",
    "leaving_datetime",
    "departure",
    "departed",
    "check_out",
    "checkout",
    "exited",
    "结束时间",
    "离开时间",
];
const SECONDS: &[&str] = &["duration_s", "duration_seconds", "时长秒"];
/// Names of a column of minutes: its values are turned into `seconds`.
pub const MINUTES: &[&str] = &["duration_min", "duration_minutes", "minutes", "时长分钟"];
/// What SORMAS and Go.Data call a case by.
pub const SYSTEM_IDS: &[&str] = &["uuid", "visualId"];
/// Names of a length that do not say in what.
pub const LENGTH: &[&str] = &["duration", "时长", "停留时长"];
const PLACE: Column = Column {
    name: "place_id",
    aliases: &["place", "venue_id", "location_id", "poi_id", "地点编号", "场所编号", "场所码"],
    spare: &["场所名称", "地点名称"],
    required: false,
    holds: Holds::Ids,
};
const LON: &[&str] = &["lng", "longitude", "x", "经度"];
const LAT: &[&str] = &["latitude", "y", "纬度"];
const DATUM: &[&str] = &["crs", "坐标系"];
const PROTECTED: &[&str] = &["masked", "已防护", "有效防护"];
const PHONE: &[&str] = &[
    "mobile",
    "mobile_phone",
    "phone_number",
    "telephone",
    "tel",
    "手机号",
    "手机号码",
    "手机",
    "联系电话",
    "电话",
    "电话号码",
    "联系方式",
];
const COUNTY: &[&str] = &["县区", "区县"];
const NAME: &[&str] = &["姓名", "名称", "full_name", "person_name"];
const CASE_ADDRESS: &[&str] =
    &["现住址", "住址", "家庭住址", "居住地址", "详细地址", "地址", "home_address"];
const ADDRESS: &[&str] = &["住址", "家庭住址", "居住地址", "详细地址", "地址", "home_address"];
const COMPOUND: &[&str] = &["小区", "居住小区", "所在小区"];
const GROUPS: &[&str] = &["重点人群"];
const AGE: &[&str] = &["年龄"];

pub(super) const CASES: &[Column] = &[
    PERSON,
    Column {
        spare: &["symptoms.onsetDate"],
        ..may(
            "onset",
            &["onset_date", "date_onset", "date_of_onset", "symptom_onset", "发病时间", "发病日期"],
        )
        .of_times()
    },
    may("sampled", SAMPLED).of_times(),
    Column {
        spare: &["date_of_reporting", "date_reporting"],
        ..must(
            "confirmed",
            &[
                "confirmed_at",
                "date_confirmed",
                "date_of_confirmation",
                "report_date",
                "date_of_report",
                "确诊时间",
                "报告时间",
            ],
        )
        .of_times()
    },
    Column {
        spare: &["quarantineFrom"],
        ..may("isolated", &["isolated_at", "隔离时间"]).of_times()
    },
    may("imported", &["境外输入"]),
    may("classification", &["case_classification", "病例分类"]),
    may("name", NAME),
    may("phone", PHONE),
    may("address", CASE_ADDRESS),
    may("compound", COMPOUND),
    may("groups", GROUPS),
    may("age", AGE),
];
pub(super) const TRAJECTORIES: &[Column] = &[
    PERSON,
    must("start", START).of_times(),
    may("end", END).of_times(),
    may("seconds", SECONDS),
    PLACE,
    may("lon", LON),
    may("lat", LAT),
    may("accuracy_m", &["accuracy", "精度"]),
    may("datum", DATUM),
    may("seat_row", &["排", "座位排号"]),
    may("protected", PROTECTED),
];
pub(super) const COLOCATIONS: &[Column] = &[
    must("person_a", &["a", "i", "id_a", "user_a", "人员A", "人员甲"]).of_ids(),
    must("person_b", &["b", "j", "id_b", "user_b", "人员B", "人员乙"]).of_ids(),
    must("start", START).of_times(),
    may("end", END).of_times(),
    may("seconds", SECONDS),
    PLACE,
    may("distance_m", &["distance", "距离", "距离米"]),
    may("protected", PROTECTED),
    may("rssi_dbm", &["rssi", "信号强度"]),
];
pub(super) const PLACES: &[Column] = &[
    Column { required: true, ..PLACE },
    may("kind", &["类型", "场所类型"]),
    may("name", &["名称", "场所名称", "地点名称"]),
    may("unit", &["单元"]),
    may("building", &["楼栋", "楼号"]),
    may("compound", &["小区", "园区"]),
    may("county", COUNTY),
    may("lon", LON),
    may("lat", LAT),
    may("radius_m", &["radius", "半径"]),
    may("datum", DATUM),
    may("enclosed", &["indoor", "密闭"]),
    may("dense", &["crowded", "人员密集"]),
];
pub(super) const PERSONS: &[Column] = &[
    PERSON,
    may("residence", &["home", "住址编号", "居住地编号", "居住地", "现住址"]).of_ids(),
    may("county", COUNTY),
    may("groups", GROUPS),
    may("closed_loop_end", &["闭环结束日期"]).of_times(),
    may("home_unfit", &["不具备居家隔离条件", "home_unsuitable"]),
    may("name", NAME),
    may("phone", PHONE),
    may("address", ADDRESS),
    may("compound", COMPOUND),
    may("age", AGE),
];
pub(super) const IDENTITIES: &[Column] = &[
    must("alias", &["别名", "手机号", "设备号", "device_id"]).of_ids(),
    PERSON,
    may("kind", &["类型"]),
    may("from", &["valid_from", "起"]).of_times(),
    may("to", &["valid_to", "止"]).of_times(),
];
pub(super) const ARRIVALS: &[Column] = &[
    PERSON,
    must("entered", &["entry_date", "date_of_entry", "arrival_date", "入境时间", "入境日期"])
        .of_times(),
    may("sampled", SAMPLED).of_times(),
    may("ct", &["ct_value", "CT值"]),
    may("retested", &["retest_date", "复核时间", "复核采样时间", "复采时间"]).of_times(),
    may("retest_ct", &["retest_ct_value", "复核CT值", "复采CT值"]),
];
pub(super) const ORDERS: &[Column] = &[
    PERSON,
    must("kind", &["order", "类型", "管控类型", "管控方式", "管控措施"]),
    must("from", &["start", "since", "起", "开始时间", "开始日期", "管控开始"]).of_times(),
    may("to", &["end", "until", "止", "结束时间", "结束日期", "解除时间", "解除日期"]).of_times(),
    PLACE,
];
pub(super) const SCREENINGS: &[Column] = &[
    may("zone_id", ZONE),
    PLACE,
    PERSON,
    must("date", &["sampled", "sample_date", "采样时间", "采样日期", "检测日期"]).of_times(),
    must("result", &["test_result", "结果", "检测结果", "核酸结果"]),
];
pub(super) const ANNOUNCEMENTS: &[Column] =
    &[must("zone_id", ZONE), must("announced", ANNOUNCED).of_times()];
const ZONE: &[&str] = &["zone", "风险区编号", "风险区", "区域", "区域编号"];
const ANNOUNCED: &[&str] = &["announced_at", "公布时间", "公布日期", "划定时间", "划定日期"];
pub(super) const ORDERED_ZONES: &[Column] = &[
    must("zone_id", ZONE),
    may("status", &["risk", "状态", "风险等级", "等级"]),
    may("announced", ANNOUNCED).of_times(),
];
pub(super) const ORDERED_MEASURES: &[Column] = &[
    PERSON,
    // What the table `orders` calls its columns, where no better one is there.
    Column {
        spare: &["kind", "order", "类型", "管控类型", "管控方式"],
        ..may("measure", &["管控措施", "措施"])
    },
    may("state", &["状态", "执行状态"]),
    Column {
        spare: &["start", "since", "起", "开始时间", "管控开始"],
        ..may("day0", &["from", "起算日", "开始日期", "隔离日期"]).of_times()
    },
    may("release_on", &["until", "released", "解除日期", "解除时间"]).of_times(),
    may("to", &["end", "止", "结束时间", "结束日期"]).of_times(),
];
