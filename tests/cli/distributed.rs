//! A run in pieces as a user does it: an index, scans of files, and the end of it.

use super::folder::{Ran, Scratch, files, gzip, trace};
use std::fmt::Write;
use std::path::PathBuf;

/// A command with paths of a scratch folder in it: what begins with `@` is one.
fn with(scratch: &Scratch, words: &[&str]) -> Ran {
    let word = |word: &&str| match word.strip_prefix('@') {
        Some(name) => scratch.path(name).display().to_string(),
        None => (*word).to_owned(),
    };
    let words: Vec<String> = words.iter().map(word).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    trace(&[&words[..], &["--quiet", "--lang", "en"]].concat())
}

/// Two illnesses, aliases, open stays, sightings, bad rows and a file in GB18030: what a worker can
/// meet.
fn messy() -> Scratch {
    let scratch = Scratch::empty();
    scratch.write(
        "cases.csv",
        "person_id,onset,confirmed\nC1,2022-11-08,2022-11-09 09:00\nC2,,2022-11-10 08:00\n\
         C1,,2022-01-01 08:00\n",
    );
    scratch.write(
        "places.csv",
        "place_id,compound,building,unit,lon,lat,radius_m\nV,Rose,1,2,120.1,30.1,20\n食堂,,,,,,\n",
    );
    scratch.write("persons.csv", "person_id,residence\nC1,V\nL,V\n甲,\n");
    scratch.write("identities.csv", "person_id,alias,start,end\nC2,phone-7,,2022-11-09\nX,p9,,\n");
    let mut first = String::from("person_id,start,end,place_id,lon,lat\n");
    let mut second = String::from("person_id,start,end,place_id\n");
    for n in 0..400 {
        let minute = n % 50;
        writeln!(first, "P{},2022-11-08 1{}:{minute:02},,,120.1,30.1", n % 90, n % 7).unwrap();
        writeln!(first, "phone-7,2022-11-08 1{}:{minute:02},,V,,", n % 8).unwrap();
        writeln!(first, "p9,2022-11-08 15:0{},2022-11-08 16:00,V,,", n % 9).unwrap();
        writeln!(second, "Q{n},2022-11-08 09:{minute:02},2022-11-08 11:30,食堂").unwrap();
    }
    first.push_str("P1,yesterday,,V,,\n,2022-11-08 10:00,,V,,\n");
    second.push_str("C1,2022-11-08 10:00,2022-11-08 11:00,食堂\n甲,2022-11-08 10:00,,食堂\n");
    scratch.write("trajectories/part-0.csv.gz", gzip(first.as_bytes()));
    let (second, ..) = encoding_rs::GB18030.encode(&second);
    scratch.write("trajectories/part-1.csv", second);
    scratch.write(
        "colocations.csv",
        "person_a,person_b,start,end,place_id\nC1,N,2022-11-08 09:00,2022-11-08 09:00,\n\
         N,C1,2022-11-08 09:05,2022-11-08 09:05,\nC2,p9,2022-11-09 10:00,2022-11-09 10:20,\n\
         C1,C1,2022-11-08 09:00,2022-11-08 09:00,\n",
    );
    scratch
}

const FILES: [&str; 3] =
    ["trajectories/part-1.csv", "colocations.csv", "trajectories/part-0.csv.gz"];

fn index(scratch: &Scratch) {
    let asked = ["--input", "@in", "--now", "2022-12-01", "--set", "exposure.min_minutes=8"];
    let words = [&["index", "--output", "@index"], &asked[..]].concat();
    with(scratch, &words).succeeds();
}

#[test]
fn a_run_in_pieces_is_the_run() {
    let scratch = messy();
    let asked = ["--now", "2022-12-01", "--set", "exposure.min_minutes=8", "--formats", "none"];
    scratch.run(&asked).succeeds();
    index(&scratch);
    let mut evidence = Vec::new();
    for (n, file) in FILES.iter().enumerate() {
        let output = format!("@{n}.parquet");
        let words = ["scan", "@index", file, "--input", "@in", "--output", &output];
        with(&scratch, &[&words[..], &["--threads", "1"]].concat()).succeeds();
        evidence.push(output);
    }
    let expected = files(&scratch.output());
    assert!(expected["evidence.csv"].lines().count() > 20, "{}", expected["evidence.csv"]);
    assert!(expected["rejects.csv"].lines().count() == 4, "{}", expected["rejects.csv"]);
    let finish = |more: &[&str], output: &str| {
        let words = ["finish", "@index", "--input", "@in", "--output", output, "--formats", "none"];
        let given = evidence.iter().map(String::as_str);
        let given: Vec<&str> = std::iter::once("--evidence").chain(given).collect();
        with(&scratch, &[&words[..], &given, more].concat())
    };
    // Where open stays ended is looked for here, or on workers.
    finish(&[], "@here").succeeds();
    assert!(files(&scratch.path("here")) == expected);
    let mut next = vec!["--next".to_owned()];
    for (n, file) in FILES.iter().enumerate() {
        let output = format!("@next-{n}.parquet");
        let words = ["scan", "@index", file, "--input", "@in", "--output", &output, "--next"];
        let given: Vec<&str> = evidence.iter().map(String::as_str).collect();
        with(&scratch, &[&words[..], &given].concat()).succeeds();
        next.push(output);
    }
    let next: Vec<&str> = next.iter().map(String::as_str).collect();
    finish(&next, "@there").succeeds();
    assert!(files(&scratch.path("there")) == expected);
    // Of the second round nothing is missing, or it is said.
    finish(&next[..3], "@missing").fails(3, &["`trajectories/part-0.csv.gz` was scanned 0 times"]);
    assert!(!scratch.path("missing").exists());
}

#[test]
fn evidence_that_is_missing_or_there_twice_is_an_error() {
    let scratch = messy();
    index(&scratch);
    with(&scratch, &["scan", "@index", "--input", "@in", "--output", "@all"]).succeeds();
    let one = ["scan", "@index", "colocations.csv", "--input", "@in", "--output", "@one"];
    with(&scratch, &one).succeeds();
    let finish = |evidence: &[&str]| {
        let words = ["finish", "@index", "--input", "@in", "--output", "@out", "--evidence"];
        let ran = with(&scratch, &[&words[..], evidence].concat());
        assert!(ran.code == 0 || !scratch.output().exists());
        ran
    };
    finish(&["@one"]).fails(3, &["`trajectories/part-0.csv.gz` was scanned 0 times"]);
    finish(&["@all", "@one"]).fails(3, &["`colocations.csv` was scanned 2 times"]);
    finish(&["@index"]).fails(3, &["not Parquet, or it is damaged"]);
    let of_other = std::fs::read(scratch.path("all")).unwrap();
    let words = ["index", "--output", "@other", "--input", "@in", "--as-of", "2022-11-10 18:00"];
    with(&scratch, &words).succeeds();
    let words = ["scan", "@other", "--input", "@in", "--output", "@all"];
    with(&scratch, &words).succeeds();
    finish(&["@all"]).fails(3, &["none of this index"]);
    std::fs::write(scratch.path("all"), &of_other[..of_other.len() / 2]).unwrap();
    finish(&["@all"]).fails(3, &["not Parquet, or it is damaged"]);
    std::fs::write(scratch.path("all"), of_other).unwrap();
    let unknown = ["scan", "@index", "elsewhere.csv", "--input", "@in", "--output", "@one"];
    with(&scratch, &unknown).fails(3, &["`elsewhere.csv` is no file of the index"]);
    finish(&["@all"]).succeeds();
}

#[test]
fn an_export_that_has_changed_is_an_error() {
    let scratch = messy();
    index(&scratch);
    with(&scratch, &["scan", "@index", "--input", "@in", "--output", "@all"]).succeeds();
    let finish = ["finish", "@index", "--input", "@in", "--output", "@out", "--evidence", "@all"];
    let cases = "person_id,onset,confirmed\nC1,2022-11-07,2022-11-09 09:00\nC2,,2022-11-10 08:00\n\
                 C1,,2022-01-01 08:00\n";
    let before = std::fs::read(scratch.input().join("cases.csv")).unwrap();
    scratch.write("cases.csv", cases);
    with(&scratch, &finish).fails(3, &["another one than the index", "make the index again"]);
    scratch.write("cases.csv", before);
    scratch.write("trajectories/part-2.csv", "person_id,start,place_id\nP,2022-11-08 10:00,V\n");
    with(&scratch, &finish).fails(3, &["another one than the index"]);
    std::fs::remove_file(scratch.input().join("trajectories/part-2.csv")).unwrap();
    with(&scratch, &finish).succeeds();
    let path: PathBuf = scratch.input().join("trajectories/part-1.csv");
    let longer = [std::fs::read(&path).unwrap(), b"P,2022-11-08 10:00,,V\n".to_vec()].concat();
    std::fs::write(path, longer).unwrap();
    let scan = ["scan", "@index", "--input", "@in", "--output", "@again"];
    with(&scratch, &scan).fails(3, &["part-1.csv"]);
    let mut damaged = std::fs::read(scratch.path("index")).unwrap();
    damaged[100] ^= 1;
    std::fs::write(scratch.path("index"), damaged).unwrap();
    with(&scratch, &scan).fails(3, &["hint: make it again"]);
    let key = ["index", "--input", "@in", "--output", "@index"];
    with(&scratch, &key).succeeds();
}

/// Nobody but their owner can read what holds the whereabouts of people.
#[cfg(unix)]
#[test]
fn index_and_evidence_are_their_owners() {
    use std::os::unix::fs::PermissionsExt;
    let scratch = messy();
    index(&scratch);
    with(&scratch, &["scan", "@index", "--input", "@in", "--output", "@all"]).succeeds();
    for name in ["index", "all"] {
        let mode = std::fs::metadata(scratch.path(name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{name}");
    }
}

/// A large Parquet file is cut between its row groups, for as many workers.
#[test]
fn pieces_of_a_parquet_file_are_the_file() {
    use parquet::file::properties::WriterProperties;
    let scratch = messy();
    let rows: Vec<[Option<String>; 4]> = (0..600)
        .map(|n| {
            let end = (n % 5 > 0).then(|| "2022-11-08 12:30".to_owned());
            let start = Some(format!("2022-11-08 1{}:{:02}", n % 3, n % 60));
            [Some(format!("R{}", n % 70)), start, end, Some(["V", "W"][n % 2].to_owned())]
        })
        .collect();
    let names = ["person_id", "start", "end", "place_id"].into_iter().enumerate();
    let columns = names.map(|(n, name)| {
        let cells: Vec<Option<&str>> = rows.iter().map(|row| row[n].as_deref()).collect();
        let cells: arrow_array::ArrayRef =
            std::sync::Arc::new(arrow_array::StringArray::from(cells));
        (name, cells, true)
    });
    let batch = arrow_array::RecordBatch::try_from_iter_with_nullable(columns).unwrap();
    let path = scratch.input().join("trajectories/part-9.parquet");
    let small = WriterProperties::builder().set_max_row_group_row_count(Some(50)).build();
    let file = std::fs::File::create(path).unwrap();
    let mut writer =
        parquet::arrow::ArrowWriter::try_new(file, batch.schema(), Some(small)).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    let asked = ["--now", "2022-12-01", "--set", "exposure.min_minutes=8", "--formats", "none"];
    scratch.run(&asked).succeeds();
    index(&scratch);
    let pieces = (1..=5).map(|n| format!("trajectories/part-9.parquet@{n}/5"));
    let pieces: Vec<String> = FILES.map(str::to_owned).into_iter().chain(pieces).collect();
    let scan = |piece: &str, output: &str, more: &[&str]| {
        let words = ["scan", "@index", piece, "--input", "@in", "--output", output];
        with(&scratch, &[&words[..], more].concat())
    };
    let (mut found, mut next) = (Vec::new(), Vec::new());
    for (n, piece) in pieces.iter().enumerate() {
        found.push(format!("@{n}.parquet"));
        scan(piece, &found[n], &[]).succeeds();
    }
    let given: Vec<&str> = found.iter().map(String::as_str).collect();
    for (n, piece) in pieces.iter().enumerate() {
        next.push(format!("@next-{n}.parquet"));
        scan(piece, &next[n], &[&["--next"][..], &given].concat()).succeeds();
    }
    let seen: Vec<&str> = next.iter().map(String::as_str).collect();
    let finish = |given: &[&str], seen: &[&str], output: &str| {
        let words = ["finish", "@index", "--input", "@in", "--output", output, "--formats", "none"];
        with(&scratch, &[&words[..], &["--evidence"], given, &["--next"], seen].concat())
    };
    finish(&given, &seen, "@pieces").succeeds();
    let expected = files(&scratch.output());
    assert!(files(&scratch.path("pieces")) == expected);
    let cited = expected["evidence.csv"].clone() + &expected["presence.csv"];
    let cited = (2..602).filter(|n| cited.contains(&format!("part-9.parquet:{n}\n")));
    assert!(cited.count() > 5, "{}", expected["evidence.csv"]);
    finish(&given[..7], &seen, "@none")
        .fails(3, &["`trajectories/part-9.parquet@5/5` was scanned 0 times"]);
    finish(&given, &seen[..7], "@none")
        .fails(3, &["`trajectories/part-9.parquet@5/5` was scanned 0 times"]);
    let twice = [&given[..], &given[7..]].concat();
    finish(&twice, &seen, "@none")
        .fails(3, &["`trajectories/part-9.parquet@5/5` was scanned 2 times"]);
    scan("trajectories/part-9.parquet", "@whole", &[]).succeeds();
    let both = [&given[..], &["@whole"]].concat();
    finish(&both, &seen, "@none").fails(3, &["`trajectories/part-9.parquet`"]);
    assert!(!scratch.path("none").exists());
    for piece in ["colocations.csv@1/2", "trajectories/part-9.parquet@6/5"] {
        scan(piece, "@none", &[]).fails(3, &["is no file of the index"]);
    }
}
