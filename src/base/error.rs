//! What can go wrong, where it happened, and what to do next.
//!
//! One error type for the whole library. A problem of one *row* is not an error: it is a
//! [`crate::ingest::Reject`], a row of a table. An [`Error`] ends the run; its
//! [`exit_code`](Error::exit_code) is the process's.

pub use super::problem::ErrorKind;

use super::problem::Problem;
use std::borrow::Cow;
use std::fmt;
use std::path::{Path, PathBuf};

/// The result of everything that reads or writes.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a run ended early. Boxed, so that a `Result` stays small.
#[derive(Debug)]
pub struct Error(Box<Detail>);

#[derive(Debug)]
struct Detail {
    problem: Problem,
    /// What to do, where more is known of it than of the problem.
    hint: Option<String>,
    source: Option<std::io::Error>,
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Error {
        Error(Box::new(Detail { problem, hint: None, source: None }))
    }
}

impl Error {
    /// Reading `path` failed.
    pub fn read(path: &Path, source: std::io::Error) -> Self {
        Self::of_system(Problem::Read { path: path.to_owned() }, read_hint(&source), source)
    }

    /// Writing `path` failed.
    pub fn write(path: &Path, source: std::io::Error) -> Self {
        Self::of_system(Problem::Write { path: path.to_owned() }, write_hint(&source), source)
    }

    fn of_system(problem: Problem, hint: Option<&str>, source: std::io::Error) -> Self {
        let (hint, source) = (hint.map(str::to_owned), Some(source));
        Error(Box::new(Detail { problem, hint, source }))
    }

    /// Adds what to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    /// What to do about it, if there is something.
    pub fn hint_text(&self) -> Option<Cow<'_, str>> {
        match &self.0.hint {
            Some(hint) => Some(hint.as_str().into()),
            None => self.0.problem.hint(),
        }
    }

    /// What went wrong, with what it speaks of.
    ///
    /// ```
    /// use trace::base::problem::Problem;
    /// use trace::base::time::TimeZone;
    /// let error = TimeZone::get("Mars").unwrap_err();
    /// assert!(matches!(error.problem(), Problem::NoTimeZone { name } if name == "Mars"));
    /// ```
    pub fn problem(&self) -> &Problem {
        &self.0.problem
    }

    /// The class of this error.
    pub fn kind(&self) -> ErrorKind {
        self.0.problem.kind()
    }

    /// The exit code: 1 unexpected, 2 usage, 3 input, 4 too many rejects, 5 findings.
    pub fn exit_code(&self) -> u8 {
        match self.kind() {
            ErrorKind::Unexpected => 1,
            ErrorKind::Usage => 2,
            ErrorKind::Input => 3,
            ErrorKind::TooManyRejects => 4,
            ErrorKind::Findings => 5,
        }
    }
}

fn read_hint(source: &std::io::Error) -> Option<&'static str> {
    match source.kind() {
        std::io::ErrorKind::PermissionDenied => Some("check who may read the file"),
        std::io::ErrorKind::NotFound => Some("check the path"),
        std::io::ErrorKind::UnexpectedEof => {
            Some("the compressed file is cut short: copy or export it again")
        }
        _ => None,
    }
}

fn write_hint(source: &std::io::Error) -> Option<&'static str> {
    match source.kind() {
        std::io::ErrorKind::PermissionDenied => Some("choose an output folder where you may write"),
        std::io::ErrorKind::CrossesDevices => {
            Some("this folder is a disk of its own: give a folder within it")
        }
        std::io::ErrorKind::StorageFull => {
            Some("free some space or choose another disk; the previous output is as it was")
        }
        _ => None,
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.problem)?;
        if let Some(source) = &self.0.source {
            write!(f, ": {}", source.to_string().to_lowercase())?;
        }
        if let Some(hint) = self.hint_text() {
            write!(f, "\n\nhint: {hint}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_ref().map(|e| e as _)
    }
}

/// `path` as a person reads it in a message.
pub fn shown(path: &Path) -> String {
    let path: PathBuf = path.components().collect();
    format!("`{}`", path.display())
}
