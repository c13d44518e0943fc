//! What a person should know about how a file was read, as data.
//!
//! None of it is an error. A note is told once a file, by `trace check` and `trace run`, and stands
//! in `summary.json`.

/// Something about a file that a person should know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the sentence of a variant says what its fields are")]
pub enum Note {
    #[error("{lines} lines above the header were left out")]
    AboveHeader { lines: usize },
    #[error("columns `{used}` and `{other}` both mean `{column}`: `{used}` counts")]
    TwoColumns { used: String, other: String, column: &'static str },
    #[error("`{name}` is used as `{column}`: names are ids here, as they stand")]
    NamesAsIds { name: String, column: &'static str },
    #[error("{count} of the first rows are negative in `{name}`: are these cases?")]
    NegativeResults { name: String, count: u64 },
    #[error(
        "`{name}` says on which days and not when: what it matches is weak, and isolates nobody"
    )]
    DatesOnly { name: String },
    #[error("the times in `{name}` have no day: join the columns of the date and of the time")]
    TimesWithoutDay { name: String },
    #[error("the numbers in `{name}` are read as days of a spreadsheet")]
    SerialDays { name: String },
    #[error("the moments in `{name}` are all 00:00 UTC: they are read as days")]
    UtcDays { name: String },
    #[error("{cells} merged cells count in each row that they span")]
    Merged { cells: usize },
    #[error("{rows} rows are classified as `{word}`, and count as cases")]
    CountsAsCase { word: String, rows: u64 },
    #[error("{places} places of the kind `{kind}` are no `{like}` to the rules")]
    KindLike { kind: String, like: &'static str, places: u64 },
    #[error("no stay has an end: each counts for as long as the policy says")]
    NoEnd,
    #[error(
        "no stay has an end: each counts for as long as the policy says; is `{name}` the end? then \
         say so with --columns FILE.toml: [{table}] end = [\"{name}\"]"
    )]
    NoEndBut { name: String, table: &'static str },
}
