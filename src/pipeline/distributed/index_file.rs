//! The index as a file: what a worker needs to scan, and what is needed to finish.
//!
//! Lines of JSON: a header with the parameters and the files of the export; who stands behind which
//! other number; where each stay of a case was; then the index of the cases' stays; and at the end
//! the SHA-256 of all before. A file that is damaged, cut short or of another version is an error,
//! never a verdict. It holds ids and whereabouts of cases, and aliases of people: whoever makes the
//! file sees to it that others cannot read it. Cost: O(n).

use crate::base::error::{Error, Result};
use crate::base::problem::Problem;
use crate::base::sealed::{self, Lines, line, opened, seal};
use crate::base::time::Instant;
use crate::ingest::{Folder, Identities, IdentityLine, InputFile, Packing, Piece, Table};
use crate::model::Cases;
use crate::pipeline::parameters::Parameters;
use crate::pipeline::prepare::Prepared;
use crate::pipeline::request::Request;
use crate::policy::Policy;
use crate::search::index::CaseIndex;
use crate::search::own_stays::Gathered;
use hashbrown::{HashMap, HashSet};
use serde::{Deserialize, Serialize};
use std::io::{Read, Write};
use std::path::Path;
use std::sync::Arc;

/// The version that is written, and the only one that is read.
const VERSION: u32 = 1;

/// A file of the export that an index was made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listed {
    /// What it is called in all references: its path in the folder, and of a sheet the sheet.
    pub name: String,
    /// The table it is part of.
    pub table: Table,
    /// Where it is: in the folder, or anywhere.
    path: String,
    packing: Packing,
    sheet: Option<String>,
    bytes: u64,
    /// The columns of a table whose rows come from elsewhere.
    columns: Option<Vec<String>>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    trace_index_file: u32,
    program: String,
    /// The policy, with all that was changed of it.
    policy: Policy,
    parameters: Parameters,
    files: Vec<Listed>,
    identities: usize,
}

/// What a worker needs to scan, and what is needed to finish.
#[derive(Debug, Clone)]
pub struct IndexFile {
    /// What is asked, as-of and now with it.
    pub parameters: Parameters,
    /// What is asked, read.
    pub request: Request,
    /// The files of the export, by number.
    pub files: Vec<Listed>,
    /// The cases' stays.
    pub index: CaseIndex,
    /// The place of each stay of a case, if its row names one.
    places: Vec<Option<Box<str>>>,
    /// Its file, the hash included.
    text: Arc<[u8]>,
    /// Its hash.
    pub hash: String,
}

impl IndexFile {
    /// Of what was prepared with these parameters.
    ///
    /// # Errors
    /// Where people have pseudonyms: workers would need the key.
    pub fn new(prepared: &Prepared, parameters: &Parameters) -> Result<IndexFile> {
        let mut text = IndexFile::text(prepared, parameters)?;
        seal(&mut text);
        IndexFile::read(&text[..])
    }

    /// Whether what was prepared is what the index was made of.
    ///
    /// # Errors
    /// As [`IndexFile::new`].
    pub(super) fn is_of(&self, prepared: &Prepared) -> Result<bool> {
        Ok(sealed::hash(&IndexFile::text(prepared, &self.parameters)?) == self.hash)
    }

    /// The text of an index, without the hash at its end.
    fn text(prepared: &Prepared, parameters: &Parameters) -> Result<Vec<u8>> {
        let Prepared { request, folder, places, index, .. } = prepared;
        let (settings, identities) = (&request.settings, &request.settings.identities);
        if identities.gives_pseudonyms() {
            return Err(Problem::IndexOfPseudonyms.into());
        }
        let show = |at: Instant| settings.zone.show(at);
        let parameters = Parameters {
            as_of: Some(show(index.as_of())),
            now: settings.now.map(show),
            ..parameters.clone()
        };
        let files = folder.files.iter().map(|file| listed(file, &folder.path));
        let identities: Vec<IdentityLine> = identities.lines();
        let header = Header {
            trace_index_file: VERSION,
            program: env!("CARGO_PKG_VERSION").to_owned(),
            policy: request.policy.clone(),
            parameters,
            files: files.collect(),
            identities: identities.len(),
        };
        let mut of_stays: Vec<Option<&str>> = vec![None; index.stays().iter().len()];
        for visit in index.stays().visits() {
            if index.stays().get(visit.stay).coord.is_none() {
                of_stays[visit.stay as usize] = Some(places.id(visit.place));
            }
        }
        let mut text = Vec::new();
        line(&header, &mut text);
        identities.iter().for_each(|identity| line(identity, &mut text));
        line(&of_stays, &mut text);
        index.write(&mut text)?;
        Ok(text)
    }

    /// Writes it.
    ///
    /// # Errors
    /// When `out` takes no more.
    pub fn write(&self, mut out: impl Write) -> Result<()> {
        out.write_all(&self.text).map_err(|e| Error::write("the index".as_ref(), e))
    }

    /// Its bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.text
    }

    /// Reads one that was written.
    ///
    /// # Errors
    /// An input error when it is damaged, cut short, or of another version.
    pub fn read(mut from: impl Read) -> Result<IndexFile> {
        let mut text = Vec::new();
        from.read_to_end(&mut text).map_err(|e| Error::read("the index".as_ref(), e))?;
        let (body, hash) = opened(&text)?;
        let mut lines = Lines::new(body);
        let version: serde_json::Value = lines.clone().read()?;
        if version["trace_index_file"] != VERSION {
            let version = version["trace_index_file"].to_string();
            return Err(Problem::IndexOfOtherVersion { version, known: VERSION }.into());
        }
        if version["program"] != env!("CARGO_PKG_VERSION") {
            let version = version["program"].as_str().unwrap_or_default().to_owned();
            let own = env!("CARGO_PKG_VERSION");
            return Err(Problem::IndexOfOtherProgram { version, own }.into());
        }
        let header: Header = lines.read()?;
        let identities = (0..header.identities).map(|_| lines.read());
        let identities: Vec<IdentityLine> = identities.collect::<Result<_>>()?;
        let places: Vec<Option<Box<str>>> = lines.read()?;
        let index = CaseIndex::read(lines.rest)?;
        if places.len() != index.stays().iter().len() {
            return Err(Problem::IndexContradicts.into());
        }
        let Header { policy, parameters, files, .. } = header;
        let mut request = parameters.request(Instant::LAST)?;
        request.policy = policy;
        if parameters.now.is_none() {
            request.settings.now = None;
        }
        request.settings.identities = Arc::new(Identities::of_lines(identities));
        let text = text.into();
        Ok(IndexFile { parameters, request, files, index, places, text, hash })
    }

    /// The numbers and names of the files of the bulk tables.
    pub fn bulk(&self) -> impl Iterator<Item = (u32, &Listed)> {
        let is_bulk = |of: &Listed| of.table.is_bulk();
        (0..).zip(&self.files).filter(move |(_, of)| is_bulk(of))
    }

    /// A file of a table whose rows are elsewhere, if there is one.
    pub(super) fn elsewhere(&self, of: Table) -> Option<InputFile> {
        let listed = self.files.iter().find(|listed| listed.is_held() && listed.is_of(of));
        listed.map(|listed| listed.file("".as_ref()))
    }

    /// The tables whose rows are neither files nor here: file, table, columns.
    pub fn rows_elsewhere(&self) -> Vec<(String, String, Vec<String>)> {
        let of = |listed: &Listed| {
            Some((listed.name.clone(), listed.table.name().to_owned(), listed.columns.clone()?))
        };
        self.files.iter().filter_map(of).collect()
    }

    /// What the files of the bulk tables are called, those of Parquet in pieces of about `size`
    /// bytes.
    pub fn pieces(&self, size: u64) -> Vec<String> {
        let of = |(_, listed): (u32, &Listed)| {
            let is_cut = listed.packing == Packing::Parquet;
            let size = if is_cut && !listed.is_held() { size } else { u64::MAX };
            let name = listed.name.clone();
            Piece::all(listed.bytes, size).map(move |piece| piece.name(&name))
        };
        self.bulk().flat_map(of).collect()
    }

    /// The files of some names below a root, as files of the export: those that are whole together,
    /// and each piece on its own.
    ///
    /// # Errors
    /// When a name is none of the export's, or a file has changed since.
    pub(super) fn folders(&self, root: &Path, names: &[String]) -> Result<Vec<(Folder, Piece)>> {
        let known: HashMap<&str, u32> =
            (0..).zip(&self.files).map(|(number, of)| (&*of.name, number)).collect();
        let (mut whole, mut folders) = (HashSet::new(), Vec::new());
        for name in names {
            if let Some(&number) = known.get(&**name) {
                whole.insert(number);
                continue;
            }
            let unknown = || Problem::FileNotOfIndex { file: name.clone() };
            let (file, piece) = Piece::named(name).ok_or_else(unknown)?;
            let number = *known.get(file).ok_or_else(unknown)?;
            let mut of_piece = self.folder(root, &HashSet::from([number]))?;
            let [file] = &mut of_piece.files[..] else { return Err(unknown().into()) };
            if file.packing != Packing::Parquet {
                return Err(unknown().into());
            }
            file.piece = piece;
            folders.push((of_piece, piece));
        }
        if !whole.is_empty() {
            folders.push((self.folder(root, &whole)?, Piece::WHOLE));
        }
        Ok(folders)
    }

    /// Some files below a root.
    fn folder(&self, root: &Path, wanted: &HashSet<u32>) -> Result<Folder> {
        // How a text file is read depends on the others, so all text files are listed; Parquet
        // files only where they are wanted: a province has many.
        let is_text = |listed: &Listed| listed.packing != Packing::Parquet;
        let any_text = wanted.iter().any(|&number| is_text(&self.files[number as usize]));
        let mut files = Vec::with_capacity(wanted.len());
        for (number, listed) in (0..).zip(&self.files) {
            if wanted.contains(&number) || (any_text && is_text(listed)) {
                let mut file = listed.file(root);
                file.number = number;
                files.push(file);
            }
        }
        let mut folder = Folder::of_files(root, files);
        folder.files.retain(|file| wanted.contains(&file.number));
        for file in &folder.files {
            let listed = &self.files[file.number as usize];
            if !file.is_held() && file.bytes != listed.bytes {
                return Err(Problem::FileChanged { file: format!("`{}`", file.name) }.into());
            }
        }
        Ok(folder)
    }

    /// The cases' stays as they were gathered.
    ///
    /// # Errors
    /// When somebody is no case any more.
    pub(super) fn gathered<'c>(&self, cases: &'c Cases) -> Result<Vec<Gathered<'c>>> {
        let mut gathered = Gathered::new(cases);
        for (stay, place) in self.index.stays().iter().zip(&self.places) {
            let id = &self.index.cases().get(stay.case).id;
            let case = cases.find(id.as_bytes()).ok_or(Problem::ExportChanged)?;
            gathered.known(case, *stay, place.as_deref());
        }
        Ok(vec![gathered])
    }
}

fn listed(file: &InputFile, root: &Path) -> Listed {
    let path = file.path.strip_prefix(root).unwrap_or(&file.path);
    Listed {
        name: file.name.clone(),
        table: file.table,
        path: path.to_string_lossy().into_owned(),
        packing: file.packing,
        sheet: file.sheet.clone(),
        bytes: file.bytes,
        columns: file.held_columns().map(<[String]>::to_vec),
    }
}

impl Listed {
    /// Whether its rows come from elsewhere.
    pub fn is_held(&self) -> bool {
        self.columns.is_some()
    }

    /// Whether it is of a table.
    pub(super) fn is_of(&self, of: Table) -> bool {
        self.table == of
    }

    /// The file below a root.
    fn file(&self, root: &Path) -> InputFile {
        match &self.columns {
            Some(columns) => InputFile::elsewhere(self.name.clone(), self.table, columns.clone()),
            None => {
                let packing = (self.packing, self.sheet.clone());
                InputFile::new(self.name.clone(), &root.join(&self.path), packing, self.table)
            }
        }
    }
}
