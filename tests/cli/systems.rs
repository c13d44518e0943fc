//! What other systems take, and what comes out of them.

use crate::folder::{Scratch, trace};
use serde_json::Value;

/// The rows of a CSV file, by the names of a header that stands in row `header`.
fn rows(text: &str, header: usize) -> Vec<std::collections::BTreeMap<String, String>> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    let records: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let names: Vec<&str> = records[header].iter().collect();
    let row = |of: &csv::StringRecord| {
        names.iter().zip(of).map(|(name, cell)| ((*name).to_owned(), cell.to_owned())).collect()
    };
    records[header + 1..].iter().map(row).collect()
}

/// A case at home and at work, with one contact in each, and one who is a case, too.
fn export() -> Scratch {
    let scratch = Scratch::empty();
    scratch.write(
        "cases.csv",
        "person_id,onset,confirmed,isolated\nC1,2022-11-08,2022-11-09 09:00,2022-11-10\n\
         C2,2022-11-10,2022-11-10 12:00,\n",
    );
    scratch.write("places.csv", "place_id,county,compound,building,unit\nH,East,Garden,1,2\n");
    scratch.write(
        "persons.csv",
        "person_id,residence,name,phone,address\nC1,H,Ann Li,100,\nK1,H,\"Bo, \"\"Jr\"\"\",101,Main Street 1\n",
    );
    scratch.write(
        "trajectories.csv",
        "person_id,start,end,place_id\nC1,2022-11-08 10:00,2022-11-08 11:00,V\nC2,2022-11-08 10:00,2022-11-08 10:30,V\n\
         K2,2022-11-08 10:15,2022-11-08 11:00,V\n\
         C2,2022-11-09 22:00,2022-11-10 00:00,W\nK2,2022-11-09 22:00,2022-11-10 00:00,W\n",
    );
    scratch
}

#[test]
fn r_gets_a_line_list_and_its_contacts() {
    let scratch = export();
    scratch.run(&["--formats", "epiverse"]).succeeds();
    let list = scratch.read("epiverse_linelist.csv");
    assert_eq!(
        list.lines().collect::<Vec<_>>(),
        [
            "id,case_type,date_onset,date_reporting,date_first_contact,date_last_contact,location,status",
            // Each was within the window of the other.
            "C1,confirmed,2022-11-08,2022-11-09,2022-11-08,2022-11-08,East Garden,case",
            "C2,confirmed,2022-11-10,2022-11-10,2022-11-08,2022-11-08,,case",
            // Contact until midnight was contact on the day before.
            "K1,,,,2022-11-06,2022-11-10,East Garden,under_followup",
            "K2,,,,2022-11-08,2022-11-09,,under_followup",
        ]
    );
    let contacts = rows(&scratch.read("epiverse_contacts.csv"), 0);
    let pairs: Vec<_> =
        contacts.iter().map(|row| [&*row["from"], &row["to"], &row["was_case"]]).collect();
    assert_eq!(
        pairs,
        [
            ["C1", "K1", "FALSE"],
            ["C1", "K2", "FALSE"],
            ["C2", "K2", "FALSE"],
            ["C1", "C2", "TRUE"],
            ["C2", "C1", "TRUE"]
        ]
    );
}

#[test]
fn go_data_gets_cases_and_contacts_with_the_longest_exposure() {
    let scratch = export();
    scratch.run(&["--formats", "godata"]).succeeds();
    let text = scratch.read("godata_contacts.csv");
    assert!(text.starts_with("visualId,"), "no byte-order mark, no quotes");
    let contacts = rows(&text, 0);
    let k2 = &contacts[1];
    assert_eq!(k2["visualId"], "K2");
    assert_eq!(
        (&*k2["relationship.persons.id"], &*k2["relationship.contactDate"]),
        ("C2", "2022-11-09")
    );
    assert_eq!(k2["dateOfLastContact"], "2022-11-09");
    assert_eq!(k2["riskLevel"], "LNG_REFERENCE_DATA_CATEGORY_RISK_LEVEL_3_HIGH");
    assert!(k2["relationship.comment"].contains("C1 (45 min, venue)"), "{k2:?}");
    let k1 = &contacts[0];
    assert_eq!(
        (&*k1["firstName"], &*k1["addresses.addressLine1"]),
        ("Bo, \"Jr\"", "Main Street 1")
    );
    assert_eq!(
        k1["relationship.certaintyLevelId"],
        "LNG_REFERENCE_DATA_CATEGORY_CERTAINTY_LEVEL_3_HIGH"
    );
    let cases = rows(&scratch.read("godata_cases.csv"), 0);
    assert_eq!(
        (&*cases[0]["dateOfOnset"], &*cases[0]["dateRanges.startDate"]),
        ("2022-11-08", "2022-11-10")
    );
    assert_eq!(cases[1]["dateRanges.typeId"], "");
}

#[test]
fn sormas_gets_two_header_rows_and_dates_in_its_order() {
    let scratch = export();
    scratch.run(&["--formats", "sormas"]).fails(2, &["the day or the month", "--sormas-dates mdy"]);
    for (order, last) in [("mdy", "11/09/2022"), ("dmy", "09/11/2022")] {
        scratch.run(&["--formats", "sormas", "--sormas-dates", order]).succeeds();
        let text = scratch.read("sormas_contacts.csv");
        assert!(text.lines().next().unwrap().split(',').all(|cell| cell == "Contact"), "{text}");
        let contacts = rows(&text, 1);
        let k2 = contacts
            .iter()
            .find(|row| row["externalID"] == "K2" && row["caseIdExternalSystem"] == "C2");
        let k2 = k2.unwrap();
        assert_eq!(k2["lastContactDate"], last);
        assert_eq!((&*k2["contactProximity"], &*k2["quarantine"]), ("SAME_ROOM", "INSTITUTIONELL"));
        assert_eq!(contacts[0]["relationToCase"], "SAME_HOUSEHOLD");
    }
}

#[test]
fn odk_gets_a_call_list() {
    let scratch = export();
    scratch.run(&["--formats", "odk"]).succeeds();
    let contacts = rows(&scratch.read("odk_contacts.csv"), 0);
    assert_eq!((&*contacts[0]["label"], &*contacts[0]["phone"]), ("Bo, \"Jr\"", "101"));
    assert_eq!((&*contacts[1]["label"], &*contacts[1]["next_test"]), ("K2", "2022-11-11"));
}

#[test]
fn dhis2_gets_what_its_mapping_says() {
    let scratch = export();
    scratch.run(&["--formats", "dhis2"]).fails(2, &["trace help dhis2"]);
    let template = trace(&["help", "dhis2"]).stdout;
    let path = scratch.path("mapping.toml");
    let with = |text: &str| {
        std::fs::write(&path, text).unwrap();
        scratch.run(&["--formats", "dhis2", "--dhis2", path.to_str().unwrap()])
    };
    with(&template).fails(2, &["tracked_entity_type"]);
    let filled = template
        .replace("salt = \"\"", "salt = \"sixteen letters at least\"")
        .replace("age = \"\"", "")
        .replace("= \"\"", "= \"aBc456789X1\"");
    with(&filled.replace("phone =", "phones =")).fails(2, &["phones"]);
    with(&filled).succeeds();
    let first = scratch.read("dhis2.json");
    let payload: Value = serde_json::from_str(&first).unwrap();
    let list = |name: &str| payload[name].as_array().unwrap();
    let counts = ["trackedEntities", "enrollments", "relationships"].map(|name| list(name).len());
    assert_eq!(counts, [4, 4, 3]);
    let is_uid = |uid: &str| uid.len() == 11 && uid.chars().all(|c| c.is_ascii_alphanumeric());
    let uids: std::collections::BTreeSet<&str> =
        list("trackedEntities").iter().map(|of| of["trackedEntity"].as_str().unwrap()).collect();
    assert!(
        uids.len() == 4
            && uids.iter().all(|uid| is_uid(uid) && !uid.starts_with(|c: char| c.is_ascii_digit()))
    );
    for of in list("enrollments") {
        assert!(uids.contains(of["trackedEntity"].as_str().unwrap()));
    }
    for side in ["from", "to"] {
        let all = list("relationships").iter();
        assert!(
            all.map(|of| of[side]["trackedEntity"]["trackedEntity"].as_str().unwrap())
                .all(|uid| uids.contains(uid))
        );
    }
    with(&filled).succeeds();
    assert_eq!(scratch.read("dhis2.json"), first, "the same people have the same identifiers");
    with(&filled.replace("sixteen", "seventeen")).succeeds();
    assert!(!scratch.read("dhis2.json").contains(uids.iter().next().unwrap()));
}

#[test]
fn numbers_of_identity_cards_become_no_visual_ids() {
    let scratch = export();
    for table in ["cases.csv", "persons.csv", "trajectories.csv"] {
        let text = std::fs::read_to_string(scratch.input().join(table)).unwrap();
        scratch.write(
            table,
            text.replace("K2", "330102199003070011").replace("C1", "33010219900307002X"),
        );
    }
    let asked = |more: &[&str]| scratch.run(&[&["--formats", "godata"], more].concat());
    asked(&[]).fails(2, &["identity cards", "--pseudonyms"]);
    asked(&["--full-ids"]).succeeds();
    assert!(scratch.read("godata_contacts.csv").contains("330102199003070011"));
    let key = scratch.path("key");
    asked(&["--pseudonyms", key.to_str().unwrap()]).succeeds();
    let text = scratch.read("godata_contacts.csv");
    assert!(!text.contains("330102199003070011") && text.contains("\np"), "{text}");
    scratch.run(&["--formats", "odk"]).fails(2, &["identity cards"]);
    // The number behind letters is one, too.
    scratch.write("cases.csv", "person_id,confirmed\nID330102199003070011,2022-11-09\n");
    asked(&[]).fails(2, &["identity cards"]);
}

#[test]
fn a_report_makes_them_again() {
    let scratch = export();
    scratch.run(&["--formats", "epiverse,odk"]).succeeds();
    let made = scratch.read("epiverse_linelist.csv");
    let output = scratch.output();
    trace(&["report", "--output", output.to_str().unwrap(), "--formats", "epiverse"]).succeeds();
    assert_eq!(scratch.read("epiverse_linelist.csv"), made);
    // They are ours: the next run replaces the folder.
    scratch.run(&["--formats", "none"]).succeeds();
    assert!(!output.join("odk_contacts.csv").exists());
}

/// The summary of a run over a list of cases and one person who met the first of them.
fn summary(cases: &str, file: &str, more: &[&str]) -> (Scratch, Value) {
    let scratch = Scratch::empty();
    scratch.write(file, cases);
    scratch.write(
        "trajectories.csv",
        "person_id,start,end,place_id\nABC-1,2022-11-08 10:00,2022-11-08 11:00,V\n\
         ABC-2,2022-11-08 12:00,2022-11-08 13:00,W\n\
         K1,2022-11-08 10:00,2022-11-08 11:00,V\nK2,2022-11-08 12:00,2022-11-08 13:00,W\n",
    );
    scratch.run(&[&["--formats", "none"], more].concat()).succeeds();
    let summary = serde_json::from_str(&scratch.read("summary.json")).unwrap();
    (scratch, summary)
}

#[test]
fn cases_of_sormas_are_read_below_their_classes_and_captions() {
    let export = "\"CaseData\",\"CaseData\",\"CaseData\",\"CaseData\",\"Person\",\"CaseData\",\
        \"CaseData\",\"Symptoms\"\n\"country\",\"id\",\"uuid\",\"caseClassification\",\"person.firstName\",\
        \"reportDate\",\"quarantineFrom\",\"symptoms.onsetDate\"\n\
        ##Country,Case SN,Case ID,Case classification,First name,\
        Date of report (M/d/yyyy),Quarantine start (M/d/yyyy),\
        Date of symptom onset (M/d/yyyy)\n\
        \"EN\",\"8711314\",\"ABC-1\",\"Confirmed case\",\"Ann\",\"11/9/2022\",\"11/10/2022\",\"11/8/2022\"\n\
        \"EN\",\"8711315\",\"ABC-2\",\"Not a case\",\"Bo\",\"11/9/2022\",\"\",\"11/8/2022\"\n";
    let (scratch, summary) = summary(export, "cases.csv", &[]);
    let cases = &summary["input"]["tables"]["cases"];
    assert_eq!(
        (&cases["used"], &cases["no_case"], &cases["header_again"]),
        (&1.into(), &1.into(), &1.into())
    );
    let report: Value = serde_json::from_str(&scratch.read("report.json")).unwrap();
    let case = &report["cases"][0];
    assert_eq!((&case["id"], &case["onset"]), (&"ABC-1".into(), &"2022-11-08".into()));
    assert_eq!(case["confirmed"], "2022-11-09T00:00:00+08:00");
    assert_eq!(case["isolated"], "2022-11-11T00:00:00+08:00");
    // Who only met somebody who is no case is nobody's contact.
    assert_eq!(scratch.read("contacts.csv").lines().skip(1).count(), 1);
    assert!(scratch.read("contacts.csv").contains("\nK1,"));
    // Where days come first the captions say so, too.
    let other = export
        .replace("M/d/yyyy", "dd/MM/yyyy")
        .replace("11/9/2022", "09/11/2022")
        .replace("11/8/2022", "08/11/2022");
    let (scratch, _) = self::summary(&other, "cases.csv", &[]);
    assert!(scratch.read("report.json").contains("\"onset\":\"2022-11-08\""));
}

#[test]
fn cases_of_go_data_are_read_and_their_days_are_days_everywhere() {
    for (names, zone) in [
        ("id,visualId,dateOfReporting,dateOfOnset,classification", "Asia/Shanghai"),
        ("ID,Case ID,Date of reporting,Date of onset,Classification", "America/New_York"),
    ] {
        let export = format!(
            "{names}\n5f1,ABC-1,2022-11-09T00:00:00.000Z,2022-11-08T00:00:00.000Z,Confirmed\n\
             5f2,ABC-2,2022-11-09T00:00:00.000Z,2022-11-08T00:00:00.000Z,\
             LNG_REFERENCE_DATA_CATEGORY_CASE_CLASSIFICATION_NOT_A_CASE_DISCARDED\n"
        );
        let (scratch, summary) = summary(&export, "cases.csv", &["--timezone", zone]);
        assert_eq!(summary["input"]["tables"]["cases"]["no_case"], 1);
        let report: Value = serde_json::from_str(&scratch.read("report.json")).unwrap();
        assert_eq!(
            (&report["cases"][0]["id"], &report["cases"][0]["onset"]),
            (&"ABC-1".into(), &"2022-11-08".into())
        );
        assert!(
            report["cases"][0]["confirmed"].as_str().unwrap().starts_with("2022-11-09T00:00:00")
        );
        assert!(scratch.read("contacts.csv").contains("\nK1,"));
    }
    // One moment that is none of these, and all are moments.
    let export = "case_id,confirmed,onset\nABC-1,2022-11-09T00:00:00Z,2022-11-08\n\
        ABC-2,2022-11-09T01:00:00Z,2022-11-08\n";
    let (scratch, _) = summary(export, "cases.csv", &[]);
    assert!(scratch.read("report.json").contains("2022-11-09T08:00:00+08:00"));
}

#[test]
fn a_case_is_only_left_out_where_the_cell_says_so_and_nothing_else() {
    for said in ["疑似（待排除）", "确诊（不排除复阳）", "not discarded", "Suspect", ""]
    {
        let export = format!("person_id,confirmed,病例分类\nABC-1,2022-11-09,{said}\n");
        let (scratch, summary) = summary(&export, "cases.csv", &[]);
        assert_eq!(summary["input"]["tables"]["cases"]["no_case"], 0, "{said}");
        assert!(scratch.read("contacts.csv").contains("\nK1,"), "{said}");
    }
    let export = "person_id,confirmed,病例分类\nABC-1,2022-11-09,确诊\nABC-2,2022-11-09,排除\n";
    let (scratch, _) = summary(export, "cases.csv", &[]);
    assert!(scratch.read("checks.csv").contains("no_cases,cases,cases.csv"));
}

#[test]
fn ids_are_those_of_the_list_unless_it_is_an_export_of_a_system() {
    // A number of the row is nobody's, whatever begins with ## is somebody below the first row.
    for export in [
        "uuid,id,confirmed\n77,ABC-1,2022-11-09\n78,##A,2022-11-09\n",
        "编号,id,confirmed\nABC-1,1,2022-11-09\n##A,2,2022-11-09\n",
        "uuid,confirmed\nABC-1,2022-11-09\n##A,2022-11-09\n",
    ] {
        let (scratch, summary) = summary(export, "cases.csv", &[]);
        assert_eq!(summary["counts"]["cases"], 2, "{export}");
        assert!(scratch.read("contacts.csv").contains("\nK1,"), "{export}");
    }
    // Values that contradict the captions count.
    let export = "uuid,reportDate,onset\n##Case ID,Date of report (M/d/yyyy),Onset\n\
        ABC-1,09/11/2022,\nABC-2,13/11/2022,\n";
    let (scratch, _) = summary(export, "cases.csv", &[]);
    assert!(scratch.read("report.json").contains("2022-11-09T00:00:00+08:00"));
}

#[test]
fn the_sample_goes_to_all_of_them() {
    let scratch = Scratch::empty();
    let (sample, output) = (
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("data/samples/city"),
        scratch.output(),
    );
    let formats = ["--formats", "epiverse,godata,sormas,odk", "--sormas-dates", "dmy", "--quiet"];
    let folders =
        ["run", "--input", sample.to_str().unwrap(), "--output", output.to_str().unwrap()];
    trace(&[&folders[..], &formats].concat()).succeeds();
    let count = |name: &str, header: usize| rows(&scratch.read(name), header).len();
    let (contacts, exposures) = (count("contacts.csv", 0), count("exposures.csv", 0));
    assert_eq!(count("godata_contacts.csv", 0), contacts);
    assert_eq!(count("odk_contacts.csv", 0), contacts);
    assert_eq!(count("sormas_contacts.csv", 1), exposures);
    assert_eq!(count("epiverse_linelist.csv", 0), contacts + count("godata_cases.csv", 0));
    assert_eq!(count("epiverse_contacts.csv", 0), exposures + count("links.csv", 0));
}
