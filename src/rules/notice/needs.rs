//! What people of key groups in a zone need (重点人群; the Notice, measures 14 and 17).
//!
//! The groups are words of the export; what they ask for is daily goods at the door, medicine,
//! transport, care. Cost: the words.

/// The groups of a cell, each once.
///
/// ```
/// use trace::rules::notice::needs::groups;
/// assert_eq!(groups("独居;老人；独居").collect::<Vec<_>>(), ["独居", "老人"]);
/// ```
pub fn groups(cell: &str) -> impl Iterator<Item = &str> {
    let mut all: Vec<&str> = cell
        .split([';', '；', '、', '|'])
        .map(str::trim)
        .filter(|group| !group.is_empty())
        .collect();
    all.sort_unstable();
    all.dedup();
    all.into_iter()
}

/// What a word in the name of a group asks for (the Notice, measure 17: daily goods at the door,
/// medicine, transport, care). Words of no group here ask for nothing that the program knows.
const NEEDS: [(&[&str], &[&str]); 7] = [
    (&["dialysis", "透析"], &["dialysis_transport", "medicine"]),
    (&["elder", "aged", "老"], &["food", "visit"]),
    (&["alone", "独居", "空巢"], &["food", "visit"]),
    (&["child", "儿童", "minor", "未成年"], &["care", "food"]),
    (&["pregnan", "maternity", "孕", "产妇"], &["maternity_care"]),
    (&["chronic", "disease", "基础病", "基础性疾病", "慢性病", "慢病"], &["medicine"]),
    (&["disab", "残疾", "失能"], &["food", "visit"]),
];

/// What people of these groups need, each once.
pub fn needs_of<'g>(groups: impl IntoIterator<Item = &'g str>) -> Vec<&'static str> {
    let mut needs = Vec::new();
    for group in groups {
        let group = group.to_lowercase();
        for (words, ask) in NEEDS {
            if words.iter().any(|word| group.contains(word)) {
                needs.extend_from_slice(ask);
            }
        }
    }
    needs.sort_unstable();
    needs.dedup();
    needs
}
