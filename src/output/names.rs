//! What the files of an output are called that other parts have to know.

/// The table of rejected rows.
pub const REJECTS: &str = "rejects.csv";

/// Who is behind which pseudonym.
pub const LOOKUP: &str = "lookup.csv";

/// What a report needs and no table has.
pub const REPORT_DATA: &str = "report.json";

/// What the tables are, for programs that read data packages.
pub const PACKAGE: &str = "datapackage.json";

/// What changed since an earlier output.
pub const CHANGES: &str = "changes.csv";

/// What was then, of all that can change.
pub(super) const BEFORE: &str = "before.csv";

/// The file that says a folder is one of ours.
pub const MARK: &str = "summary.json";

/// A file that shows for a moment whether files can be moved into a folder.
pub(super) const PROBE: &str = ".trace-probe";
