//! What can go wrong, where it happened, and what to do next.
//!
//! One error type for the whole library. A problem of one *row* is not an error: it is a
//! [`crate::ingest::Reject`], a row of a table. An [`Error`] ends the run; its
//! [`exit_code`](Error::exit_code) is the process's.

use std::fmt;
use std::path::{Path, PathBuf};

/// The result of everything that reads or writes.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a run ended early. Boxed, so that a `Result` stays small.
#[derive(Debug)]
pub struct Error(Box<Detail>);

#[derive(Debug)]
struct Detail {
    kind: ErrorKind,
    message: String,
    hint: Option<String>,
    source: Option<std::io::Error>,
}

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
}

impl Error {
    fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Error(Box::new(Detail { kind, message: message.into(), hint: None, source: None }))
    }

    /// The command line or a policy is wrong.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Usage, message)
    }

    /// The input cannot be used.
    pub fn input(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Input, message)
    }

    /// A table has too many rejects.
    pub fn too_many_rejects(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::TooManyRejects, message)
    }

    /// Reading `path` failed.
    pub fn read(path: &Path, source: std::io::Error) -> Self {
        let mut error = Self::new(ErrorKind::Input, format!("cannot read `{}`", path.display()));
        error.0.hint = read_hint(&source).map(str::to_owned);
        error.0.source = Some(source);
        error
    }

    /// Writing `path` failed.
    pub fn write(path: &Path, source: std::io::Error) -> Self {
        let mut error =
            Self::new(ErrorKind::Unexpected, format!("cannot write `{}`", path.display()));
        error.0.hint = write_hint(&source).map(str::to_owned);
        error.0.source = Some(source);
        error
    }

    /// Adds what to do next.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    /// What to do about it, if there is something.
    pub fn hint_text(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }

    /// The class of this error.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The process's exit code: 1 unexpected, 2 usage, 3 input, 4 too many rejects.
    pub fn exit_code(&self) -> u8 {
        match self.0.kind {
            ErrorKind::Unexpected => 1,
            ErrorKind::Usage => 2,
            ErrorKind::Input => 3,
            ErrorKind::TooManyRejects => 4,
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
        std::io::ErrorKind::StorageFull => {
            Some("free some space or choose another disk; the previous output is as it was")
        }
        _ => None,
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)?;
        if let Some(source) = &self.0.source {
            write!(f, ": {}", source.to_string().to_lowercase())?;
        }
        if let Some(hint) = &self.0.hint {
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
