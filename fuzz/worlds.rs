//! Whole runs on random exports, which the bytes draw, against the slow reference of the tests.

#[path = "../tests/reference/main.rs"]
#[allow(dead_code, unused_imports)]
mod reference;

/// Any bytes are a world; what they do not say, chance says.
pub fn worlds(bytes: &[u8]) {
    reference::of_bytes(bytes);
}
