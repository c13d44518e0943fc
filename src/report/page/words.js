"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const WORDS = {
  title: ["Contact tracing", "流调溯源分析"], asOf: ["as of", "截至"], policy: ["policy", "政策"], other: ["中文", "English"],
  cases: ["cases", "感染者"], close: ["close contacts", "密切接触者"], zonesHigh: ["high-risk zones", "高风险区"], zonesLow: ["released zones", "已降级"], active: ["people under measures now", "当前管控人数"], links: ["links between cases", "病例间关联"], unknown: ["cases without a known source", "来源不明病例"],
  degree: ["First degree only: contacts of contacts are not determined.", "仅判定第一层密接，不判定密接的密接。"], ofNotice: [" (The Notice, measure 2.)", "（《通知》第二条）"],
  lateRows: ["rows lie after as-of and do not count.", "行晚于截至时间，未计入。"],
  curve: ["Epidemic curve", "流行曲线"], onset: ["onset", "发病"], confirmed: ["confirmed", "确诊"],
  zones: ["Risk zones", "风险区"], zonesHelp: ["Which doors are closed, until when, and why. A zone is a unit, a building or a place; it is never wider. The clock starts again with a new case.", "哪些单元、楼栋或场所被划定，何时降级，依据为何；不随意扩大；出现新病例则重新计时。"],
  zone: ["zone", "风险区"], level: ["level", "级别"], status: ["status", "状态"], high: ["high", "高"], low: ["released", "已降为低"], why: ["why", "依据"], residents: ["residents", "居住人数"], present: ["visitors", "到访人数"], downgrade: ["closed until 00:00 of", "管控至（当日零时降级）"], lastCase: ["last case", "末例日期"], daysLeft: ["days left", "剩余天数"], caseIds: ["cases", "相关病例"],
  contacts: ["Close contacts, the first to call first", "密切接触者（按优先次序）"], contactsHelp: ["Household first, then longer exposure. Input rows behind every line are in evidence.csv.", "先同住，后按暴露时长排序；每一条的原始记录见 evidence.csv。"],
  person: ["person", "人员"], rank: ["rank", "次序"], last: ["last exposure", "末次暴露"], minutes: ["minutes, all cases", "分钟（各病例合计）"], peak: ["most minutes in one window", "单个时间窗内最长分钟"], bases: ["basis", "判定依据"], places: ["places", "地点"], measure: ["measure", "管控措施"], release: ["release on", "解除日期"], state: ["state", "执行状态"],
  search: ["search by id…", "按编号查找…"], all: ["all", "全部"], rows: ["rows", "条"], prev: ["back", "上一页"], next: ["on", "下一页"],
  timeline: ["Cases: where and when", "病例轨迹"], timelineHelp: ["Shaded: the infectious window. Blue: stays at a place. Red: close contacts were met there. Pale: only the date is known.", "阴影为传染期；蓝色为停留；红色表示在该处有密切接触者；浅色表示仅知日期。"],
  graph: ["Clusters of linked cases", "关联病例聚集"], graphHelp: ["A line is an exposure between two cases, from left (earlier anchor) to right. It does not say who infected whom.", "连线表示两例病例之间有达到阈值的暴露，不代表传播方向的认定。"], leftOut: ["left out of the picture:", "图中未显示："],
  changes: ["Since the last run", "较上次运行"], before: ["the last output spoke for", "上次截至"], newContacts: ["new close contacts", "新增密切接触者"], noLonger: ["no longer close contacts", "不再是密切接触者"], newZones: ["new high-risk zones", "新增高风险区"], releasedZones: ["zones released", "已降级"], goneZones: ["zones no longer drawn", "不再划定"],
  first: ["Call first", "首先联系"], doors: ["doors closed", "处管控"], opens: ["the next opens on", "最早降级"], whyDays: ["days of one case", "天（单例最多）"], whyContacts: ["close contacts met", "名密接"], whySecondary: ["linked cases with a later anchor", "例时序在后的关联病例"],
  people_all: ["Everybody with a measure", "全部管控人员"], peopleHelp: ["The input rows behind every contact and every venue-exposed person are in evidence.csv.", "密切接触者与涉疫场所暴露人员的原始记录见 evidence.csv。"], presenceHelp: [" Those behind spillover are in presence.csv.", "高风险区外溢人员的停留记录见 presence.csv。"], phases: ["phases", "阶段"], testDays: ["tests on", "核酸日期"], central: ["central", "集中隔离"], home: ["home", "居家隔离"], monitor: ["monitor", "健康监测"],
  map: ["Zones on the map", "风险区位置"], mapHelp: ["True to scale, from the coordinates in places. Zones without coordinates are not shown.", "按实际比例绘制，坐标来自场所表；无坐标的风险区未显示。"],
  ego: ["A case and its close contacts", "单个病例与其密切接触者"], egoHelp: ["The first to call stand nearest. Dashed: also exposed to another case.", "优先次序越靠前离中心越近；虚线表示同时暴露于其他病例。"], alsoOf: ["also of", "同时涉及"], shownOf: ["shown of", "条，共"], chooseCase: ["case", "病例"], contactsLeft: ["Only the first contacts are in this page; all are in contacts.csv:", "本页仅含次序靠前的密切接触者，全部见 contacts.csv："],
  tests: ["Tests by day and county", "每日核酸检测人数（按县区）"], day: ["day", "日期"], county: ["county", "县区"], people: ["people", "人数"],
  rules: ["Policy", "政策参数"], key: ["value of", "参数"], value: ["value", "取值"], source: ["source", "来源"],
  account: ["Rows", "数据行核对"], table: ["table", "表"], read: ["read", "读取"], used: ["used", "使用"], rejected: ["rejected", "拒绝"], repeated: ["repeated", "重复"], late: ["after as-of", "晚于截至"], inaccurate: ["too inaccurate", "精度不足"], rejects: ["Rows with a fault", "有问题的行"], id: ["id", "编号"], earlier: ["of an earlier illness", "属前次感染"], fate: ["the row", "该行"], left_out: ["left out", "未计入"], file: ["file", "文件"], line: ["line", "行"], column: ["column", "列"], reason: ["reason", "原因"],
  checks: ["To look at before acting", "处置前请核对"], check: ["what", "事项"], count: ["count", "数量"], onset_set_aside: ["onset set aside: after the confirmation, or too long before it", "发病日期晚于确诊或过早，未采用"], sampled_set_aside: ["sampling set aside: after the confirmation, or too long before it", "采样日期晚于确诊或过早，未采用"], isolated_set_aside: ["isolation set aside: before the window, or in the year 2100 or later", "隔离时间早于传染期或在 2100 年以后，未采用"], home_of_many: ["a home of more people than a household has: no contacts for living there", "居住地登记人数超过一户，不按同住判定"],
  none: ["none", "无"], unit: ["unit", "单元"], building: ["building", "楼栋"], place: ["place", "场所"],
  residence: ["residence", "居住地"], activity: ["activity", "活动地"], escalated: ["several units", "多单元"], expanded: ["expanded", "扩大"],
  close_contact: ["close contact", "密切接触者"], spillover: ["spillover", "高风险区外溢人员"], venue_exposed: ["venue-exposed", "涉疫场所暴露人员"], closed_loop: ["closed loop", "结束闭环人员"],
  crowd: ["in a crowd", "人群中"], date_only: ["date only", "仅知日期"], shared_position: ["same coordinate as many", "多人同一坐标"], gps: ["positions", "定位"], household: ["household", "同住"], proximity: ["proximity", "近距离"], seat_unknown: ["seat unknown", "座位不明"], transport: ["transport", "同乘"], venue: ["venue", "同场所"],
  isActive: ["active", "执行中"], elapsed: ["elapsed", "已期满"], people_by: ["People by measure", "各类管控人数"],
};
let zh = document.documentElement.lang === "zh" ? 1 : 0;
// What a place is called, when it has a name.
const called = (id) => (data.names && Object.hasOwn(data.names, id) ? data.names[id] : id);
const zoneName = (id) => (id.startsWith("place:") ? called(id.slice(6)) : id);
const w = (key) => (WORDS[key] ? WORDS[key][zh] : key);
const words = (list) => list.split(";").filter(Boolean).map(w).join(" · ");
