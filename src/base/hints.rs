//! What to do about a problem: the second half of a message.

use crate::base::problem::{Guess, Problem};
use std::borrow::Cow;

impl Problem {
    /// What to do about it, if there is something.
    pub fn hint(&self) -> Option<Cow<'static, str>> {
        use Problem as P;
        let fixed = match self {
            P::NoPolicy { known, .. } => {
                return Some(
                    format!("choose one of {known}, or give the path of a TOML file").into(),
                );
            }
            P::ColumnsOfNoColumn { known, .. } | P::KeepsNoColumn { known, .. } => {
                return Some(format!("its columns are {known}").into());
            }
            P::PackedNotText { ending, .. } => {
                return Some(format!("name it `.csv{ending}`, or unpack it").into());
            }
            P::NoCase { reason: Some((reason, remedy)), .. } => {
                return Some(
                    format!("they were left out as `{reason}`: {remedy}; `OUTPUT.rejects.csv` lists them").into(),
                );
            }
            P::NoTable { below: Some(below), .. } => {
                return Some(format!("tables lie in `{below}`: give that folder").into());
            }
            P::NoColumn { guess, header, .. } => {
                let hint = guess.hint();
                if header.is_ascii() {
                    return Some(hint.into());
                }
                let of = "if names look wrong, say --encoding gb18030 or utf-8";
                return Some(format!("{of}; {hint}").into());
            }
            P::RunningNumber { name, table, .. } => {
                let hint = format!(
                    "name the column that holds the id; if it is an id all the same, say so with \
                     --columns FILE.toml: [{table}] person_id = [\"{name}\"]"
                );
                return Some(hint.into());
            }
            P::LengthOfWhat { table, .. } => {
                let hint = format!(
                    "name it `duration_s` or `duration_min`, in the file or with --columns \
                     FILE.toml, as in [{table}] seconds = ['…'] for seconds"
                );
                return Some(hint.into());
            }
            P::OtherUnit { name, wanted: "--timezone", table, .. } => {
                let hint = format!(
                    "say --timezone {table}=UTC, and with --columns FILE.toml that `{name}` is the \
                     column"
                );
                return Some(hint.into());
            }
            P::OtherUnit { wanted, .. } => {
                let hint = format!("turn its values into `{wanted}`, and name it without a unit");
                return Some(hint.into());
            }
            P::TooManyRejects { remedy, .. } => {
                return Some(
                    format!(
                        "{remedy}; `trace run` lists all of them in `OUTPUT.rejects.csv`; \
                         --max-rejects PERCENT lets more pass"
                    )
                    .into(),
                );
            }
            other => other.fixed_hint()?,
        };
        Some(fixed.into())
    }

    /// What to do about it, where that is always the same.
    fn fixed_hint(&self) -> Option<&'static str> {
        use Problem as P;
        Some(match self {
            P::NoTimeZone { .. } => {
                "use a name such as `Asia/Shanghai` or `UTC`, or an offset such as `+08:00`"
            }
            P::RemoteFolder { .. } => {
                "trace uses no network: copy the files here first, or mount the storage as a folder"
            }
            P::NoSuchFile { .. } => "give a path in the input folder, or from where you are",
            P::NoTableAndFile { .. } => {
                "write it as trajectories=FILE, or trajectories='parts/*.csv'"
            }
            P::NoDatum { .. } => "use wgs84, gcj02 or bd09",
            P::NoSuchTable { .. } => {
                "use cases, trajectories, colocations, places, persons, identities, arrivals, orders, \
                 screenings or announcements"
            }
            P::PolicyUnreadable { .. } => {
                "`trace policy show cn-2022-11` prints a complete policy to start from"
            }
            P::NoZonesToExpand { .. } => {
                "leave --expand out, or choose a policy with a part [zone]"
            }
            P::NoTime { flag: "--as-of", .. } => {
                "write it as '2022-11-09 18:00', 'now' or 'today'; a date alone is its 00:00"
            }
            P::NoTime { .. } => "write it as '2022-11-09 18:00'; a date alone is its 00:00",
            P::NoOrderOfDates { .. } => {
                "use dmy where the day comes first, mdy where the month does"
            }
            P::NoEncoding { .. } => "use utf-8, gb18030, utf-16le or utf-16be",
            P::NoPercentage { .. } => "give a number from 0 to 100",
            P::NoHelp { .. } => "try `trace help tables`, `trace help rules`, or `trace help run`",
            P::NothingToMake => "name what you want, as in `--formats html,svg`",
            P::ParquetNotWritten => "build with the feature `parquet`",
            P::ColumnsUnreadable { .. } => {
                "write, for example, [cases] and then onset = [\"First symptoms\"]"
            }
            P::ConfigWrong { .. } => {
                "`trace run --show-config` prints every flag as such a file has it"
            }
            P::FolderInUse { .. } => "give a new or an empty folder",
            P::FoldersInEachOther { .. } => "choose an output folder beside the input folder",
            P::NoFolder { .. } => "check --input: it is the folder that holds `cases.csv`",
            P::FileNotFolder { .. } => "give the folder that holds the tables, not one of them",
            P::NeitherFileNorFolder { .. } => "take it out of the input folder",
            P::SameTableTwice { .. } => "keep one of them in the input folder",
            P::FolderAndFile { .. } => {
                "keep the folder or the file; to read both, move the file into the folder"
            }
            P::NoTable { .. } => {
                "a table is a file such as `cases.csv`, `病例.csv`, `trajectories-01.csv.gz`, or a folder \
                 `trajectories/` of such files; `trace help tables` describes them"
            }
            P::NoCase { .. } => {
                "there is nobody to trace from: check that the export holds the cases"
            }
            other => {
                let of_output = other.hint_of_output().or_else(|| other.hint_of_question());
                let of_output = of_output.or_else(|| other.hint_of_index());
                return of_output.or_else(|| other.hint_of_file());
            }
        })
    }

    /// What to do about an index file, or about evidence.
    fn hint_of_index(&self) -> Option<&'static str> {
        use Problem as P;
        Some(match self {
            P::IndexDamaged
            | P::IndexOfOtherVersion { .. }
            | P::IndexWrong { .. }
            | P::IndexContradicts => "make it again from the export, with this version of trace",
            P::IndexOfPseudonyms => "make the index without --pseudonyms",
            P::IndexOfOtherProgram { .. } => {
                "have the same version everywhere, and make the index again with it"
            }
            P::ExportChanged => "make the index again, and scan again with it",
            P::FileNotOfIndex { .. } => "name files as the index does, below the input folder",
            P::FileNotOnce { .. } | P::RowsNotOnce { .. } => "give the evidence of all rows once",
            P::OpenStaysOfOther => {
                "give all evidence of the first round to each scan of the second"
            }
            P::OpenStaysLeft => {
                "scan a second time for the next rows (scan --next; in Python: scan(…, opens=…))"
            }
            P::RowsElsewhere { .. } => "have the files in the input folder for this question",
            P::ColumnUnreadable { .. } => "give texts, numbers, days or moments",
            P::EvidenceOfOtherIndex { .. } | P::NoEvidence { .. } => {
                "scan again with the index that the evidence is put together with"
            }
            _ => return None,
        })
    }

    /// What to do about a question, or about how it was asked.
    fn hint_of_question(&self) -> Option<&'static str> {
        use Problem as P;
        Some(match self {
            P::IdsWouldBeShown { .. } => {
                "do `trace run` with --pseudonyms KEYFILE, or say --full-ids if that is what you want"
            }
            P::NoDateOrder => {
                "say --sormas-dates mdy where SORMAS speaks English as in the United States, and dmy \
                 elsewhere"
            }
            P::NoMapping => {
                "`trace help dhis2` prints a file to fill in: give it with --dhis2 FILE.toml"
            }
            P::MappingWrong { .. } => "`trace help dhis2` prints such a file to fill in",
            P::KeyTooShort { .. } => {
                "leave the file out, and a key is made and written there; or make one: \
                 head -c 32 /dev/urandom | base64"
            }
            P::NothingAsked { kind: "zone", .. } => {
                "zones are called as in zone_options.csv of a run: county/compound/building/unit, \
                 or place:ID"
            }
            P::NothingAsked { kind: "compound", .. } => {
                "compounds are called as in the column `compound` of the table places"
            }
            P::AsOfBeforeCases { .. } => {
                "choose a later --as-of, or leave it out; a date alone is its 00:00: the end of that \
                 day is '2022-11-09 24:00'"
            }
            P::NothingAsked { kind: "person", .. } => {
                "no row of this export is about them: give the id as it stands in people.csv, or the \
                 name or phone of somebody who is in the tables of a run"
            }
            P::SeveralPeople { .. } => "give the id of one of them",
            P::SeveralCompounds { .. } => "give one of them, as COUNTY/COMPOUND",
            P::NothingAsked { .. } => {
                "cases are called as in the table cases, and are confirmed by as-of"
            }
            _ => return None,
        })
    }

    /// What to do about an output folder.
    fn hint_of_output(&self) -> Option<&'static str> {
        use Problem as P;
        Some(match self {
            P::OutputIsFile { .. } => "give a folder",
            P::OutputHoldsMore { .. } | P::OutputOfOthers { .. } => {
                "choose another folder; with --force the tables are written there, and what else it \
                 holds stays"
            }
            P::SwapUnfinished { .. } => {
                "free some space or check who may write there; the next `trace run` or `trace \
                 report` on the folder puts the rest in place"
            }
            P::OutputMixed { .. } | P::OutputDamaged { .. } => {
                "run `trace run` again with this output folder"
            }
            P::NoOutput { .. } => "give the folder that `trace run --output` has written",
            _ => return None,
        })
    }

    /// What to do about a file.
    fn hint_of_file(&self) -> Option<&'static str> {
        use Problem as P;
        Some(match self {
            P::ParquetNotRead { .. } => {
                "export the table as CSV, or build with the feature `parquet`"
            }
            P::EmptyFile { .. } => "export it again, or remove the file if the table is not needed",
            P::EndlessFirstLine { .. } => "check that the file is a CSV table with a header",
            P::BlankFirstLine { .. } => {
                "the first line names the columns: remove what stands before it"
            }
            P::OpenQuoteInHeader { .. } => "take the quote out: the first line names the columns",
            P::ZipNotText { .. } => "unpack it, and put what is in it into the folder",
            P::WebPage { .. } => "open it in a spreadsheet and save it as .xlsx",
            P::WorkbookLocked { .. } => {
                "open it in a spreadsheet, take the password off, and save it again"
            }
            P::WorkbookDamaged { .. } => "open it in a spreadsheet and save it again as .xlsx",
            P::PagesDiffer { .. } => "it is damaged: copy or export it again",
            P::UnpacksTooFar { .. } => {
                "unpack it and look at what is in it; if it is right, raise --max-unpacked"
            }
            P::FileChanged { .. } => "wait until the export is written, or copy it, and run again",
            P::EmptySheet { .. } => "the first row names the columns",
            P::NotText { .. } => {
                "if it is UTF-16 without a byte-order mark, say --encoding utf-16le"
            }
            P::WideHeader { .. } => {
                "check that the first line is the header and that its separator is right"
            }
            P::DayOrMonth { .. } => {
                "say --dates dmy when the day comes first, or --dates mdy when the month does"
            }
            P::OtherOrder { .. } => {
                "leave --dates out where a column leaves no doubt, or say it for one table: --dates \
                 cases=dmy"
            }
            P::MangledIds { .. } => {
                "people with one number would be one person: export the file again with the column \
                 as text; --accept-mangled-ids reads it all the same"
            }
            P::ColumnTwice { .. } => {
                "rename or remove one of them, or name the one that counts with --columns FILE.toml"
            }
            _ => return None,
        })
    }
}

impl Guess {
    fn hint(&self) -> String {
        match self {
            Guess::Is { cell, table, column } => format!(
                "is it `{cell}`? then say so with --columns FILE.toml: [{table}] {column} = \
                 [\"{cell}\"]"
            ),
            Guess::Names(names) => {
                format!("it may also be called {names}; other names go into --columns FILE.toml")
            }
        }
    }
}
