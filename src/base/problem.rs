//! What can go wrong, as data: a variant for each kind, with what it speaks of.
//!
//! The sentence of a variant is what a person reads in English; `words/*.toml` has it in other
//! languages. What to do next is [`Problem::hint`].

use std::path::PathBuf;

/// The class of an error, which decides the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Something failed that should not (a disk, a permission on the output): exit code 1.
    Unexpected,
    /// The command line or the policy file is wrong: exit code 2.
    Usage,
    /// The input cannot be used: exit code 3.
    Input,
    /// More rows of a table were rejected than allowed: exit code 4.
    TooManyRejects,
    /// An audit has found something: exit code 5.
    Findings,
}

/// Why a run ended early. Names are as a person wrote them; `file` is a file of the input in
/// quotes.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
#[allow(missing_docs, reason = "the sentence of a variant says what its fields are")]
pub enum Problem {
    // The command line and the files it names.
    #[error("`{name}` is no time zone")]
    NoTimeZone { name: String },
    #[error("no datum is called `{name}`")]
    NoDatum { name: String },
    #[error("no table is called `{name}`")]
    NoSuchTable { name: String },
    #[error("no policy is called `{name}`")]
    NoPolicy { name: String, known: String },
    #[error("policy `{origin}`: {what}")]
    PolicyUnreadable { origin: String, what: String },
    #[error("policy `{origin}`: {what}")]
    PolicyWrong { origin: String, what: String },
    #[error("policy `{name}` draws no zones to expand")]
    NoZonesToExpand { name: String },
    #[error("no case is confirmed by --as-of {as_of}; the first is confirmed at {first}")]
    AsOfBeforeCases { as_of: String, first: String },
    #[error("{flag} `{text}` is no time")]
    NoTime { flag: &'static str, text: String },
    #[error("no such parameter: {what}")]
    ParametersWrong { what: String },
    #[error("no order of dates is called `{text}`")]
    NoOrderOfDates { text: String },
    #[error("no encoding is called `{name}`")]
    NoEncoding { name: String },
    #[error("--max-rejects `{text}` is no percentage")]
    NoPercentage { text: String },
    #[error("the key has {bytes} bytes, and a key has at least {least}")]
    KeyTooShort { bytes: usize, least: usize },
    #[error("--threads is at least 1")]
    NoThreads,
    #[error("cannot start the threads: {what}")]
    ThreadsFailed { what: String },
    #[error("cannot read `{}`: {what}", path.display())]
    ArgumentUnreadable { path: PathBuf, what: String },
    #[error("there is no help on `{topic}`")]
    NoHelp { topic: String },
    #[error("no {kind} is called `{id}`")]
    NothingAsked { kind: &'static str, id: String },
    #[error("`{text}` means several people: {ids}")]
    SeveralPeople { text: String, ids: String },
    #[error("several counties have a compound `{name}`: {all}")]
    SeveralCompounds { name: String, all: String },
    #[error("the audit has {findings} findings")]
    AuditFindings { findings: usize },
    #[error("there is nothing to make")]
    NothingToMake,
    #[error("--formats: `none` stands alone")]
    NoneAndOthers,
    #[error(
        "--formats {system}: ids are numbers of identity cards or phones, which everybody would see there"
    )]
    IdsWouldBeShown { system: &'static str },
    #[error("--formats sormas: which comes first in its dates, the day or the month?")]
    NoDateOrder,
    #[error("--formats dhis2: what are things called there?")]
    NoMapping,
    #[error("`{origin}`: {what}")]
    MappingWrong { origin: String, what: String },
    #[error("--formats: this build does not write Parquet")]
    ParquetNotWritten,
    #[error("`{origin}`: {what}")]
    ColumnsUnreadable { origin: String, what: String },
    #[error("`{origin}`: no table is called `{table}`")]
    ColumnsOfNoTable { origin: String, table: String },
    #[error("`{origin}`: table `{table}` has no column `{column}`")]
    ColumnsOfNoColumn { origin: String, table: String, column: String, known: String },
    #[error("{origin}: {what}")]
    ConfigWrong { origin: String, what: String },
    #[error("--keep: no file of persons or cases has a column `{column}`")]
    KeepsNoColumn { column: String, known: String },
    #[error("{flags}")]
    OutOfBounds { flags: &'static str },
    #[error("the folder `{}` is in use", path.display())]
    FolderInUse { path: PathBuf },
    // The output.
    #[error("the output folder {output} and the input folder {input} lie in each other")]
    FoldersInEachOther { output: String, input: String },
    #[error("the output {output} is a file")]
    OutputIsFile { output: String },
    #[error("the output folder {output} also holds `{file}`")]
    OutputHoldsMore { output: String, file: String },
    #[error("the output folder {output} is no output of trace: it holds `{file}`")]
    OutputOfOthers { output: String, file: String },
    #[error("{folder} is no output of trace")]
    NoOutput { folder: String },
    #[error("the new files are not all in place in {folder}")]
    SwapUnfinished { folder: String },
    #[error("{file} of the output folder {folder} is not as its run has written it")]
    OutputMixed { folder: String, file: String },
    #[error("a table of the output folder {folder} is damaged: {what}")]
    OutputDamaged { folder: String, what: String },
    // The input folder.
    #[error("there is no folder {path}")]
    NoFolder { path: String },
    #[error("{path} is a file, not a folder")]
    FileNotFolder { path: String },
    #[error("`{name}` is neither a file nor a folder")]
    NeitherFileNorFolder { name: String },
    #[error("`{first}` and `{second}` are the same table twice")]
    SameTableTwice { first: String, second: String },
    #[error("table `{table}` is there twice: as the folder of `{inside}` and as `{beside}`")]
    FolderAndFile { table: &'static str, inside: String, beside: String },
    #[error("{path} has no table {missing}; found: {found}")]
    NoTable { path: String, missing: String, found: String, below: Option<String> },
    #[error("{path} is not on this machine")]
    RemoteFolder { path: String },
    #[error("--table {table}: there is no file `{pattern}`")]
    NoSuchFile { table: &'static str, pattern: String },
    #[error("--table `{text}` names no table and file")]
    NoTableAndFile { text: String },
    // A file.
    #[error("{file}: this build does not read Parquet")]
    ParquetNotRead { file: String },
    #[error("{file}: the file is empty (0 bytes)")]
    EmptyFile { file: String },
    #[error("{file}: the first line does not end within {bytes} bytes")]
    EndlessFirstLine { file: String, bytes: usize },
    #[error("{file}: the first line is blank, so there is no header")]
    BlankFirstLine { file: String },
    #[error("{file}: a quote in the header does not close")]
    OpenQuoteInHeader { file: String },
    #[error("{file}: this is {what}, not CSV text")]
    PackedNotText { file: String, what: &'static str, ending: &'static str },
    #[error("{file}: this is a zip file, and no workbook")]
    ZipNotText { file: String },
    #[error("{file}: this is a web page, and no table")]
    WebPage { file: String },
    #[error("{file}: the workbook is locked with a password")]
    WorkbookLocked { file: String },
    #[error("{file}: the workbook cannot be read: {what}")]
    WorkbookDamaged { file: String, what: String },
    #[error("{file}: the pages of a column hold {pages} values, its end says {footer}")]
    PagesDiffer { file: String, pages: u64, footer: u64 },
    #[error("{file}: it unpacks to more than {most} times its size")]
    UnpacksTooFar { file: String, most: u64 },
    #[error("{file}: the file changed while it was read")]
    FileChanged { file: String },
    #[error("{file}: the sheet has no header")]
    EmptySheet { file: String },
    #[error("{file}: this is not text (it has NUL bytes)")]
    NotText { file: String },
    #[error("{file}: the header has {columns} columns, more than {most}")]
    WideHeader { file: String, columns: usize, most: usize },
    #[error("{file}: columns `{first}` and `{second}` both mean `{column}`")]
    ColumnTwice { file: String, first: String, second: String, column: &'static str },
    #[error("{file}: `{name}` only counts the rows: it is no id of a person")]
    RunningNumber { file: String, name: String, table: &'static str },
    #[error(
        "{file}: {cut} of {all} long numbers in `{name}` end in 000: a spreadsheet has cut them"
    )]
    MangledIds { file: String, name: String, cut: usize, all: usize },
    #[error("{file}: in `{name}` days and months cannot be told apart: {example}")]
    DayOrMonth { file: String, name: String, example: String },
    #[error("{file}: `{name}` has dates in the other order than --dates says: {example}")]
    OtherOrder { file: String, name: String, example: String },
    #[error("{file}: `{name}` does not say whether it is in seconds or in minutes")]
    LengthOfWhat { file: String, name: String, table: &'static str },
    #[error("{file}: `{name}` is in `{unit}`")]
    OtherUnit {
        file: String,
        name: String,
        unit: String,
        wanted: &'static str,
        table: &'static str,
    },
    #[error("{file}: no column `{column}`; the header has {header}")]
    NoColumn { file: String, column: &'static str, header: String, guess: Guess },
    // What the rows say.
    #[error("table `cases` has no usable case ({rows} rows)")]
    NoCase { rows: u64, reason: Option<(&'static str, &'static str)> },
    #[error(
        "table `{table}`: {lost} of {rows} rows were rejected, more than {percent} %; most often \
         `{reason}` ({count} rows), first in {file}:{line} column `{column}`: `{value}`"
    )]
    TooManyRejects {
        table: &'static str,
        lost: u64,
        rows: u64,
        percent: f64,
        reason: &'static str,
        count: u64,
        file: String,
        line: u64,
        column: &'static str,
        value: String,
        remedy: &'static str,
    },
    // An index, or evidence of one.
    #[error("the index is damaged or cut short")]
    IndexDamaged,
    #[error("the index is of version {version}, not {known}")]
    IndexOfOtherVersion { version: String, known: u32 },
    #[error("the index is wrong at line {line}: {what}")]
    IndexWrong { line: usize, what: String },
    #[error("the index contradicts itself")]
    IndexContradicts,
    #[error("an index of people with pseudonyms would need their key")]
    IndexOfPseudonyms,
    #[error("the index was made by trace {version}, and this is {own}")]
    IndexOfOtherProgram { version: String, own: &'static str },
    #[error("the export is another one than the index was made of")]
    ExportChanged,
    #[error("`{file}` is no file of the index")]
    FileNotOfIndex { file: String },
    #[error("`{file}` was scanned {times} times, and must be scanned once")]
    FileNotOnce { file: String, times: usize },
    #[error("{scanned} rows of `{file}` were scanned, and it has {rows}")]
    RowsNotOnce { file: String, scanned: u64, rows: u64 },
    #[error("the second round was made with other evidence than this")]
    OpenStaysOfOther,
    #[error("the evidence has open stays, and their ends were not looked for")]
    OpenStaysLeft,
    #[error("the rows of `{file}` are not here")]
    RowsElsewhere { file: String },
    #[error("a row of the evidence (`{kind}`) is none of this index")]
    EvidenceOfOtherIndex { kind: String },
    #[error("no evidence: it has no column `{column}`, but {columns}")]
    NoEvidence { column: String, columns: String },
    #[error("the table `{table}` cannot be read: {what}")]
    TableUnreadable { table: String, what: String },
    #[error("the column `{column}` cannot be read: {what}")]
    ColumnUnreadable { column: String, what: String },
    // The system.
    #[error("cannot read `{}`", path.display())]
    Read { path: PathBuf },
    #[error("cannot write `{}`", path.display())]
    Write { path: PathBuf },
}

/// What a column that is missing may be called in a file.
#[derive(Debug)]
pub enum Guess {
    /// This one of the file is like it.
    Is {
        /// Its name in the file.
        cell: String,
        /// The table.
        table: &'static str,
        /// The name of the column in the contract.
        column: &'static str,
    },
    /// Nothing is like it; these are its names.
    Names(String),
}

impl Problem {
    /// What it quotes of the cells of an export, which may be somebody's number.
    pub fn values(&self) -> Vec<&str> {
        match self {
            Problem::TooManyRejects { value, .. } => vec![value],
            // Where there is no header, the first row is taken for one.
            Problem::NoColumn { header, guess: Guess::Names(names), .. } => vec![header, names],
            Problem::NoColumn { header, guess: Guess::Is { cell, .. }, .. } => vec![header, cell],
            Problem::DayOrMonth { example, .. } => vec![example],
            _ => Vec::new(),
        }
    }

    /// The class of the problem, which decides the exit code.
    pub fn kind(&self) -> ErrorKind {
        use Problem as P;
        match self {
            P::Write { .. } | P::SwapUnfinished { .. } | P::ThreadsFailed { .. } => {
                ErrorKind::Unexpected
            }
            P::TooManyRejects { .. } => ErrorKind::TooManyRejects,
            P::AuditFindings { .. } => ErrorKind::Findings,
            P::NoTimeZone { .. }
            | P::NoSuchTable { .. }
            | P::NoDatum { .. }
            | P::NoTableAndFile { .. }
            | P::NoPolicy { .. }
            | P::PolicyUnreadable { .. }
            | P::PolicyWrong { .. }
            | P::NoZonesToExpand { .. }
            | P::AsOfBeforeCases { .. }
            | P::NoTime { .. }
            | P::NoEncoding { .. }
            | P::NoOrderOfDates { .. }
            | P::ParametersWrong { .. }
            | P::NoPercentage { .. }
            | P::NoThreads
            | P::KeyTooShort { .. }
            | P::ArgumentUnreadable { .. }
            | P::NoHelp { .. }
            | P::NothingToMake
            | P::NothingAsked { .. }
            | P::SeveralCompounds { .. }
            | P::SeveralPeople { .. }
            | P::NoneAndOthers
            | P::ParquetNotWritten
            | P::IdsWouldBeShown { .. }
            | P::NoDateOrder
            | P::NoMapping
            | P::MappingWrong { .. }
            | P::ColumnsUnreadable { .. }
            | P::ColumnsOfNoTable { .. }
            | P::ColumnsOfNoColumn { .. }
            | P::KeepsNoColumn { .. }
            | P::ConfigWrong { .. }
            | P::OutOfBounds { .. }
            | P::FolderInUse { .. }
            | P::FoldersInEachOther { .. }
            | P::OutputIsFile { .. }
            | P::OutputHoldsMore { .. }
            | P::OutputOfOthers { .. }
            | P::OutputMixed { .. }
            | P::OutputDamaged { .. }
            | P::NoOutput { .. } => ErrorKind::Usage,
            _ => ErrorKind::Input,
        }
    }
}
