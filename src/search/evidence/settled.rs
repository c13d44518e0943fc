//! Evidence in order: everybody numbered as their ids sort, the matches of a pair side by side.
//!
//! Cost: a parallel sort of the people and one of the matches.

use super::presence::{Seen, keep_latest};
use super::{Found, LocalPerson, Match, POSITION, Part, PersonId};
use crate::base::texts::{Interner, SortedTexts, Texts};
use crate::model::Places;
use rayon::prelude::*;
use std::cmp::Reverse;

impl Found {
    /// Puts it in order. Places that only co-locations name are added to `places`.
    pub fn settle(mut self, places: &mut Places) -> Evidence {
        self.parts.par_iter_mut().for_each(Part::finish);
        let (people, numbers) = people(&self.parts);
        let mut named: Vec<&str> = self.parts.iter().flat_map(|part| part.places.iter()).collect();
        named.sort_unstable();
        named.iter().for_each(|id| _ = places.intern(id));
        let extra: Vec<Vec<u32>> = self
            .parts
            .iter()
            .map(|part| part.places.iter().map(|id| places.intern(id).0).collect())
            .collect();
        let mut positions = Interner::default();
        let positions: Vec<Vec<u32>> = self
            .parts
            .iter()
            .map(|part| part.positions.iter().map(|at| positions.intern(at) | POSITION).collect())
            .collect();
        let areas = self.parts.iter().map(|part| part.presence.len()).max().unwrap_or(0);
        let who_was_in = |area: usize| {
            let parts = self.parts.iter().zip(&numbers);
            let parts =
                parts.filter_map(|(part, numbers)| Some((part.presence.get(area)?, numbers)));
            let number = |numbers: &[u32], who: LocalPerson| PersonId(numbers[who.0 as usize]);
            let people = parts.flat_map(|(there, numbers)| {
                there.people.iter().map(move |&(who, seen)| (number(numbers, who), seen))
            });
            let mut people: Vec<(PersonId, Seen)> = people.collect();
            keep_latest(&mut people);
            people
        };
        let presence = (0..areas).into_par_iter().map(who_was_in).collect();
        // In place, for a match is as large before as behind.
        let settled = |(n, part): (usize, Part)| -> Vec<Match> {
            let (numbers, extra, positions) = (&numbers[n], &extra[n], &positions[n]);
            part.matches.into_iter().map(|m| m.settled(numbers, extra, positions)).collect()
        };
        let mut lists: Vec<Vec<Match>> =
            self.parts.into_par_iter().enumerate().map(settled).collect();
        // The longest list takes the others in: no more than those are held twice.
        lists.sort_unstable_by_key(|matches| Reverse(matches.len()));
        let total = lists.iter().map(Vec::len).sum::<usize>();
        let mut lists = lists.into_iter();
        let mut matches = lists.next().unwrap_or_default();
        matches.reserve_exact(total - matches.len());
        lists.for_each(|list| matches.extend(list));
        matches.par_sort_unstable_by(Match::order);
        Evidence { people, matches, presence }
    }
}

/// Everybody in the parts by id, and for each part the number of each of its persons.
fn people(parts: &[Part]) -> (SortedTexts, Vec<Vec<u32>>) {
    struct Seen {
        /// The first eight bytes of the id, which decide nearly all comparisons.
        head: u64,
        part: u32,
        person: u32,
    }
    let bytes = |seen: &Seen| parts[seen.part as usize].persons.bytes(seen.person);
    let mut all = Vec::with_capacity(parts.iter().map(|part| part.persons.len()).sum());
    for (part, of_part) in (0..).zip(parts) {
        all.par_extend((0..of_part.persons.len() as u32).into_par_iter().map(|person| {
            let id = of_part.persons.bytes(person);
            let mut head = [0; 8];
            head[..id.len().min(8)].copy_from_slice(&id[..id.len().min(8)]);
            Seen { head: u64::from_be_bytes(head), part, person }
        }));
    }
    // Stable, for it makes use of what is in order already: the people of an export often are.
    all.par_sort_by(|a, b| a.head.cmp(&b.head).then_with(|| bytes(a).cmp(bytes(b))));
    // What is new in a piece, and the text of it: the texts lie all over memory.
    const PIECE: usize = 1 << 14;
    let is_new = |at: usize| {
        at == 0 || all[at - 1].head != all[at].head || bytes(&all[at - 1]) != bytes(&all[at])
    };
    let pieces: Vec<(Vec<bool>, Texts)> = (0..all.len().div_ceil(PIECE))
        .into_par_iter()
        .map(|piece| {
            let piece = piece * PIECE..all.len().min((piece + 1) * PIECE);
            let new: Vec<bool> = piece.clone().map(is_new).collect();
            let mut texts = Texts::default();
            let of_new = all[piece].iter().zip(&new).filter(|(_, new)| **new);
            of_new.for_each(|(seen, _)| _ = texts.push(bytes(seen)));
            (new, texts)
        })
        .collect();
    let mut people = Texts::default();
    let mut numbers: Vec<Vec<u32>> = parts.iter().map(|part| vec![0; part.persons.len()]).collect();
    for ((new, texts), all) in pieces.iter().zip(all.chunks(PIECE)) {
        // The number of the last person so far, and one.
        let mut next = people.len() as u32;
        for (seen, new) in all.iter().zip(new) {
            next += u32::from(*new);
            numbers[seen.part as usize][seen.person as usize] = next - 1;
        }
        people.append(texts);
    }
    (SortedTexts::new(people), numbers)
}

/// Evidence in order.
#[derive(Debug, Default)]
pub struct Evidence {
    people: SortedTexts,
    matches: Vec<Match>,
    presence: Vec<Vec<(PersonId, Seen)>>,
}

impl Evidence {
    /// The matches by case, person and time: those of a pair stand together.
    pub fn matches(&self) -> &[Match] {
        &self.matches
    }

    /// The id of a person.
    pub fn id(&self, person: PersonId) -> &str {
        self.people.get(person.0)
    }

    /// The bytes of the id of a person.
    pub fn id_bytes(&self, person: PersonId) -> &[u8] {
        self.people.bytes(person.0)
    }

    /// All ids, one behind the other.
    pub fn ids(&self) -> &[u8] {
        self.people.joined()
    }

    /// The matches, for those who change what they are worth.
    pub(crate) fn matches_mut(&mut self) -> &mut [Match] {
        &mut self.matches
    }

    /// The number of a person, if they appear. O(log n).
    pub fn find(&self, id: &str) -> Option<PersonId> {
        self.people.find(id.as_bytes()).map(PersonId)
    }

    /// How many persons appear.
    pub fn persons(&self) -> usize {
        self.people.len()
    }

    /// Who was in the watched areas, and the last stay there: by number of the area, and
    /// there in order and once for each person. There is nothing left of it then.
    pub fn take_presence(&mut self) -> Vec<Vec<(PersonId, Seen)>> {
        std::mem::take(&mut self.presence)
    }
}
