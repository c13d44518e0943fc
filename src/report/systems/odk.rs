//! `odk_contacts.csv`: an entity list for ODK Central, so that a team has the call list on its
//! phones, without a network.
//!
//! Source: ODK Central, upload of entities: a column `label`, every other one a property.

use super::{Followed, last_day, table};
use std::io::{Result, Write};

pub(super) fn contacts(followed: &Followed<'_>, out: &mut dyn Write) -> Result<()> {
    let header = [
        "label",
        "person_id",
        "case_ids",
        "last_exposure",
        "release_on",
        "next_test",
        "phone",
        "address",
    ];
    table(out, &header, &followed.contacts, |contact| {
        let id = &*contact.person_id;
        let (known, plan) = (followed.known(id), followed.measure(id));
        let label = if known.name.is_empty() { id } else { &known.name };
        let test = plan.and_then(|of| of.tests.split(';').find(|day| *day >= followed.today));
        [
            label,
            id,
            &contact.case_ids,
            &last_day(&contact.last_exposure),
            plan.map_or("", |of| &of.release_on),
            test.unwrap_or(""),
            &known.phone,
            &known.address,
        ]
        .map(str::to_owned)
        .to_vec()
    })
}
