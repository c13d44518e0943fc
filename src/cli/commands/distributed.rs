//! `trace index`, `trace scan`, `trace finish`: a run in pieces.

use super::run::{How, asks, results};
use super::{clock, on_threads, open_folder, parameters, print, too_many};
use crate::cli::flags::{FinishArgs, IndexArgs, ScanArgs};
use crate::cli::progress::Bars;
use std::fs::File;
use std::path::{Path, PathBuf};
use trace::base::error::{Error, Result};
use trace::ingest::{Folder, evidence_files, read_batches};
use trace::output::{write_batches, write_private};
use trace::pipeline::distributed::{self, Evidence, IndexFile, Opened};
use trace::pipeline::{Outcome, prepare};
use trace::report::Lang;

pub fn index(args: &IndexArgs, lang: Lang) -> Result<()> {
    let (asked, set) = (&args.analysis.input, parameters(&args.analysis)?);
    let request = set.request(clock())?;
    let (folder, _stream) = open_folder(asked, &request.settings)?;
    let bars = Bars::new(asked.quiet, lang);
    let work = || match prepare(folder, request, &bars)? {
        Outcome::Done(prepared) => IndexFile::new(&prepared, &set),
        Outcome::TooManyRejects(rejected) => Err(too_many(*rejected)),
    };
    let file = on_threads(asked.threads, work)??;
    write_private(&args.output, |out| std::io::Write::write_all(out, file.bytes()))?;
    if asked.quiet {
        return Ok(());
    }
    let (cases, files) = (file.index.cases().len(), file.bulk().count());
    let of = [&cases as &dyn std::fmt::Display, &file.index.stays().iter().len(), &files];
    print(&format!("{}\n", lang.fill("{} cases, {} stays; {} files to scan", &of)))
}

fn read_index(path: &Path) -> Result<IndexFile> {
    IndexFile::read(File::open(path).map_err(|e| Error::read(path, e))?)
}

pub fn scan(args: &ScanArgs, lang: Lang) -> Result<()> {
    let file = read_index(&args.index)?;
    let names = match &args.files[..] {
        [] => file.bulk().map(|(_, listed)| listed.name.clone()).collect(),
        names => names.to_vec(),
    };
    let bars = Bars::new(args.quiet, lang);
    let work = || {
        if args.next.is_empty() {
            return distributed::scan_files(&file, &args.input, &names, &bars);
        }
        let opened = Opened::new(&file, &read(&args.next)?)?;
        opened.scan_files(&args.input, &names, &bars)
    };
    let found = on_threads(args.threads, work)??;
    write_batches(&args.output, &found)?;
    if args.quiet {
        return Ok(());
    }
    let rows: usize = found.iter().map(|batch| batch.num_rows()).sum();
    let of = [&names.len() as &dyn std::fmt::Display, &rows];
    let mut said = lang.fill("{} files scanned, {} rows of evidence", &of);
    if args.next.is_empty() && distributed::has_opens(&found)? {
        said.push_str("; ");
        said.push_str(lang.say("some stays have no end: scan a second time with --next"));
    }
    print(&format!("{said}\n"))
}

pub fn finish(args: FinishArgs, lang: Lang) -> Result<()> {
    let file = read_index(&args.index)?;
    let mut request = file.request.clone();
    asks(&mut request, &args.results);
    let folder = Folder::open_as(&args.input, &file.parameters.asked()?)?;
    let how = How { input: &args.input, threads: args.threads, quiet: args.quiet, lang };
    results(&args.results, &how, request, |request, bars| {
        let next = (!args.next.is_empty()).then(|| read(&args.next)).transpose()?;
        let evidence = Evidence { found: read(&args.evidence)?, next, counted: None };
        distributed::finish(&file, folder, request, &evidence, bars)
    })
}

/// The evidence of files, or of folders of them.
fn read(paths: &[PathBuf]) -> Result<Vec<trace::arrow::RecordBatch>> {
    let mut all = Vec::new();
    for path in evidence_files(paths)? {
        all.extend(read_batches(&path)?);
    }
    Ok(all)
}
