//! A share of very many keys, the same whoever saw which first.
//!
//! Keys are kept whose hash is below a bound; when there are too many the bound is halved. What is
//! kept in the end depends on the keys alone. Memory: about `most` keys.

use hashbrown::HashMap;
use std::hash::Hash;

/// Keys with something each.
#[derive(Debug)]
pub struct Sampled<K, V> {
    most: usize,
    bound: u64,
    kept: HashMap<K, (u64, V)>,
}

impl<K: Hash + Eq, V: Default> Sampled<K, V> {
    /// Of at most so many keys.
    pub fn new(most: usize) -> Sampled<K, V> {
        Sampled { most, bound: u64::MAX, kept: HashMap::new() }
    }

    /// What belongs to a key with this hash, if it is kept.
    pub fn get(&mut self, hash: u64, key: impl FnOnce() -> K) -> Option<&mut V> {
        // The low bits of a hash choose a slot; what is kept is chosen by all.
        let hash = hash.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        if hash > self.bound {
            return None;
        }
        if self.kept.len() > self.most {
            self.bound /= 2;
            let bound = self.bound;
            self.kept.retain(|_, (hash, _)| *hash <= bound);
            if hash > bound {
                return None;
            }
        }
        Some(&mut self.kept.entry(key()).or_insert_with(|| (hash, V::default())).1)
    }

    /// Adds what another has kept.
    pub fn merge(mut self, other: Sampled<K, V>, mut add: impl FnMut(&mut V, V)) -> Sampled<K, V> {
        self.bound = self.bound.min(other.bound);
        for (key, (hash, value)) in other.kept {
            let own = self.kept.entry(key).or_insert_with(|| (hash, V::default()));
            add(&mut own.1, value);
        }
        let mut bound = self.bound;
        loop {
            self.kept.retain(|_, (hash, _)| *hash <= bound);
            if self.kept.len() <= self.most {
                self.bound = bound;
                return self;
            }
            bound /= 2;
        }
    }

    /// How many are kept, and what of each.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&K, &V)> {
        self.kept.iter().map(|(key, (_, value))| (key, value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::sieve::fingerprint;

    #[test]
    fn the_share_does_not_depend_on_order_or_parts() {
        let keys: Vec<String> = (0..5000).map(|n| format!("P{n}")).collect();
        let of = |keys: &mut dyn Iterator<Item = &String>| {
            let mut sampled: Sampled<String, u32> = Sampled::new(100);
            for key in keys {
                if let Some(count) = sampled.get(fingerprint(key.as_bytes()), || key.clone()) {
                    *count += 1;
                }
            }
            sampled
        };
        let shown = |sampled: Sampled<String, u32>| {
            let sampled = sampled.merge(Sampled::new(100), |_, _| {});
            let mut kept: Vec<_> = sampled.iter().map(|(k, v)| (k.clone(), *v)).collect();
            kept.sort();
            kept
        };
        let whole = shown(of(&mut keys.iter()));
        assert!(whole.len() > 25 && whole.len() <= 100);
        assert_eq!(shown(of(&mut keys.iter().rev())), whole);
        let (a, b) = keys.split_at(1234);
        let merged = of(&mut a.iter()).merge(of(&mut b.iter()), |own, other| *own += other);
        assert_eq!(shown(merged), whole);
    }
}
