//! Input that is damaged, hostile, or written to while it is read: an error, and never a verdict.

use super::folder::{CASES, STAYS, Scratch, as_plain, files, trace};

/// The plain stays as Parquet without compression, each page with a checksum. Made by pyarrow:
/// `write_table(…, compression="none", use_dictionary=False, write_page_checksum=True)`.
const CHECKED: &[u8] = include_bytes!("data/checksums.parquet");

fn parquet(bytes: &[u8]) -> Scratch {
    let scratch = Scratch::empty();
    scratch.write("cases.csv", CASES).write("trajectories.parquet", bytes);
    scratch
}

#[test]
fn a_flipped_byte_of_a_parquet_file_is_an_error_or_nothing() {
    as_plain(&parquet(CHECKED), &["--formats", "none"]);
    let expected = {
        let scratch = parquet(CHECKED);
        scratch.run(&["--formats", "none"]).succeeds();
        files(&scratch.output())
    };
    // The end of the file, which has no checksum, is as long as its last bytes say.
    let (rest, _) = CHECKED.split_last_chunk::<8>().unwrap();
    let length = u32::from_le_bytes(*CHECKED[rest.len()..].first_chunk().unwrap());
    let pages = rest.len() - length as usize;
    let (mut refused, mut same) = (0, 0);
    for at in 4..pages {
        let mut bytes = CHECKED.to_vec();
        bytes[at] ^= 1;
        let scratch = parquet(&bytes);
        let ran = scratch.run(&["--formats", "none"]);
        match ran.code {
            0 => {
                let found = files(&scratch.output());
                for table in ["contacts.csv", "evidence.csv", "venue_exposed.csv"] {
                    assert_eq!(found[table], expected[table], "byte {at}");
                }
                same += 1;
            }
            _ => {
                assert!([3, 4].contains(&ran.code), "byte {at}: {}", ran.stderr);
                assert!(!ran.stderr.contains("panicked"), "{}", ran.stderr);
                refused += 1;
            }
        }
    }
    // Of a header not every byte counts; of the values each does.
    assert!(refused > 2 * same, "{refused} {same}");
}

#[test]
fn a_check_says_which_files_have_no_checksums() {
    let says = |bytes: &[u8]| {
        let scratch = parquet(bytes);
        let ran = trace(&["check", "--input", scratch.input().to_str().unwrap(), "--lang", "en"]);
        ran.succeeds();
        ran.stdout.contains("no_checksums")
    };
    assert!(!says(CHECKED));
}

#[test]
fn rejected_rows_are_listed_up_to_a_number_and_counted_beyond() {
    let scratch = Scratch::small();
    let bad: String = (0..2000).map(|n| format!("P{n},x,,V1\n")).collect();
    scratch.write("trajectories-2.csv", format!("{STAYS}{bad}"));
    let of = |most: &str, threads: &str| {
        let ran =
            scratch.run(&["--max-rejects", "100", "--max-reject-rows", most, "--threads", threads]);
        ran.succeeds();
        (scratch.read("rejects.csv"), scratch.read("summary.json"))
    };
    let (all, summary) = of("100000", "2");
    assert_eq!(all.lines().count(), 2001);
    assert!(summary.contains("\"rejects_not_listed\": 0,"), "{summary}");
    let (some, summary) = of("10", "2");
    let first: Vec<&str> = all.lines().take(11).collect();
    assert_eq!(some.lines().collect::<Vec<_>>(), first);
    assert!(summary.contains("\"rejects\": 2000,"), "{summary}");
    assert!(summary.contains("\"rejects_not_listed\": 1990,"), "{summary}");
    assert_eq!(of("10", "1").0, some);
}

#[test]
fn ids_of_more_than_a_kilobyte_are_no_ids() {
    let scratch = Scratch::small();
    let (fits, long) = ("X".repeat(1024), "X".repeat(1025));
    let row = |id: &str| format!("{id},2022-11-08 10:30:00,2022-11-08 12:00:00,V1\n");
    scratch.write("trajectories.csv", format!("{STAYS}{}{}", row(&fits), row(&long)));
    scratch.run(&[]).succeeds();
    assert!(scratch.read("contacts.csv").contains(&format!("{fits},")));
    assert!(!scratch.read("contacts.csv").contains(&long));
    assert!(scratch.read("rejects.csv").contains(",too_long,left_out"));
}

#[test]
fn a_message_masks_ids_and_tells_a_terminal_nothing() {
    let scratch = Scratch::small();
    let id = "330102199003071234";
    let rows = format!("{id},\u{1b}[2Jnoon,{id}\n").repeat(9);
    scratch.write("trajectories.csv", format!("person_id,start,place_id\n{rows}"));
    let ran = scratch.run(&["--lang", "en"]);
    ran.fails(4, &["␛[2Jnoon"]);
    assert!(!ran.stderr.contains('\u{1b}'), "{}", ran.stderr);
    // Where there is no header, a row is taken for one.
    scratch.write("trajectories.csv", format!("{id},2022-11-08 08:00,V1\n"));
    let ran = scratch.run(&["--lang", "en"]);
    ran.fails(3, &["3301**********1234"]);
    assert!(!ran.stderr.contains(id), "{}", ran.stderr);
    scratch.run(&["--lang", "en", "--show-values"]).fails(3, &[id]);
}

/// What cannot be said is not said, and nothing else goes wrong.
#[cfg(target_os = "linux")]
#[test]
fn a_message_that_cannot_be_written_is_no_crash() {
    let scratch = Scratch::small();
    scratch.write("cases.csv", "person_id\n");
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let status = std::process::Command::new(env!("CARGO_BIN_EXE_trace"))
        .args(["run", "--input"])
        .arg(scratch.input())
        .arg("--output")
        .arg(scratch.output())
        .stderr(full)
        .status()
        .unwrap();
    assert_eq!(status.code(), Some(3));
}

/// Too little memory is a sentence, and leaves nothing behind; whatever it is that there is no room
/// for. With less still, the system cannot even begin the process.
#[cfg(target_os = "linux")]
#[test]
fn want_of_memory_is_a_sentence() {
    use std::os::unix::process::ExitStatusExt;
    let scratch = Scratch::small();
    let (mut said_so, mut no_stack) = (0, 0);
    for kilobytes in (40_000..90_000).step_by(1_000) {
        let ran = std::process::Command::new("sh")
            .args(["-c", &format!("ulimit -v {kilobytes}; exec \"$0\" \"$@\"")])
            .args([env!("CARGO_BIN_EXE_trace"), "run", "--threads", "2", "--quiet", "--input"])
            .arg(scratch.input())
            .arg("--output")
            .arg(scratch.output())
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&ran.stderr);
        let code = ran.status.code();
        assert!(!said.contains("panicked"), "{kilobytes}: {said}");
        if code == Some(1) {
            let words = ["not enough memory", "cannot start the threads", "cannot "];
            assert!(words.iter().any(|word| said.contains(word)), "{kilobytes}: {said}");
            said_so += 1;
        } else if ran.status.signal() == Some(11) && said.is_empty() {
            // The stack could not grow by a page: the system ends a process then, without a word.
            // It takes the very kilobyte, and is met once in hundreds of runs.
            no_stack += 1;
        } else {
            // 127: the system's loader has no room for its libraries.
            assert!(code == Some(0) || code == Some(127), "{kilobytes}: {code:?} {said}");
        }
    }
    assert!(said_so > 0 && no_stack <= 2, "{said_so} {no_stack}");
    scratch.run(&[]).succeeds();
    assert_eq!(std::fs::read_dir(scratch.path("")).unwrap().count(), 2);
}

/// The cells of a table, each row sorted where it lists people.
fn rows(text: &str, name: impl Fn(&str) -> String) -> Vec<Vec<String>> {
    let mut table = csv::Reader::from_reader(text.as_bytes());
    let list = |cell: &str| {
        let mut ids: Vec<String> = cell.split(';').map(&name).collect();
        ids.sort();
        ids.join(";")
    };
    let row = |row: csv::Result<csv::StringRecord>| row.unwrap().iter().map(list).collect();
    let mut rows: Vec<Vec<String>> = table.records().map(row).collect();
    rows.sort();
    rows
}

#[test]
fn with_pseudonyms_no_output_has_an_id_and_the_list_beside_it_has_all() {
    let sample = concat!(env!("CARGO_MANIFEST_DIR"), "/data/samples/city-zh");
    let scratch = Scratch::empty();
    for entry in std::fs::read_dir(sample).unwrap().map(Result::unwrap) {
        if entry.path().is_file() {
            scratch
                .write(entry.file_name().to_str().unwrap(), std::fs::read(entry.path()).unwrap());
        }
    }
    scratch.run(&["--formats", "none"]).succeeds();
    let plain = files(&scratch.output());
    let key = scratch.path("key");
    let asked = ["--pseudonyms", key.to_str().unwrap(), "--formats", "html,graphml,dot,ics,svg"];
    scratch.run(&asked).succeeds();
    let hidden = files(&scratch.output());
    let lookup = std::fs::read_to_string(scratch.path("out.lookup.csv")).unwrap();
    let ids: std::collections::HashMap<&str, &str> =
        lookup.lines().skip(1).map(|line| line.split_once(',').unwrap()).collect();
    assert!(ids.len() > 20, "{lookup}");

    for table in ["evidence.csv", "exposures.csv", "links.csv", "presence.csv", "measures.csv"] {
        let known = |cell: &str| ids.get(cell).map_or(cell, |id| id).to_owned();
        assert_eq!(rows(&hidden[table], known), rows(&plain[table], str::to_owned), "{table}");
    }
    for (name, text) in &hidden {
        let words = text.split(|c: char| !c.is_ascii_alphanumeric());
        let known: std::collections::HashSet<&str> = ids.values().copied().collect();
        let seen = words.into_iter().find(|word| known.contains(word));
        assert_eq!(seen, None, "{name}");
    }
    // Nor what the output that is replaced calls people; those of the same key are compared.
    assert!(!scratch.output().join("before.csv").exists());
    // The key stays, and so do the pseudonyms.
    scratch.run(&asked).succeeds();
    let before = scratch.read("before.csv");
    assert!(ids.values().all(|id| !before.contains(id)) && before.lines().count() > 20);
    assert_eq!(files(&scratch.output())["evidence.csv"], hidden["evidence.csv"]);
    let gone = trace(&["purge", scratch.output().to_str().unwrap()]);
    gone.succeeds();
    assert!(!scratch.path("out.lookup.csv").exists() && key.exists());
}

#[test]
fn with_pseudonyms_rejects_name_no_value_and_a_short_key_is_none() {
    let scratch = Scratch::empty();
    scratch.write("cases.csv", format!("{CASES}8613800001234,not a day,,,,\n"));
    scratch.write("trajectories.csv", STAYS);
    let key = scratch.path("key");
    let asked = ["--pseudonyms", key.to_str().unwrap()];
    scratch.run(&asked).succeeds();
    assert!(!scratch.read("rejects.csv").contains("not a day"));
    assert!(
        scratch.read("rejects.csv").contains(",used")
            || scratch.read("rejects.csv").contains(",left_out")
    );
    std::fs::write(&key, "short").unwrap();
    scratch.run(&asked).fails(2, &["the key has 5 bytes"]);
}
