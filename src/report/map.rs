//! `zones.geojson`: the places of each zone that have coordinates, as points (WGS 84).

use super::Lang;
use super::finished::Finished;
use serde_json::{Value, json};
use std::io::{Result, Write};

/// Writes it.
pub fn geojson(finished: &Finished, _: Lang, out: &mut dyn Write) -> Result<()> {
    let feature = |zone: &super::finished::ZoneRow| {
        let at = finished.kept["points"].get(&zone.zone_id);
        let geometry = at.map(|at| json!({ "type": "MultiPoint", "coordinates": at }));
        json!({
            "type": "Feature",
            "geometry": geometry,
            "properties": {
                "zone_id": zone.zone_id,
                "level": zone.level,
                "status": zone.status,
                "county": zone.county,
                "bases": zone.bases,
                "residents": zone.residents,
                "downgrade_on": zone.downgrade_on,
            },
        })
    };
    let features: Vec<Value> = finished.zones()?.iter().map(feature).collect();
    serde_json::to_writer(
        &mut *out,
        &json!({ "type": "FeatureCollection", "features": features }),
    )?;
    out.write_all(b"\n")
}
