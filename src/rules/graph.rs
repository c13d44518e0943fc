//! The exposure graph (petgraph): who was exposed to which case.
//!
//! Nodes are the cases and everybody else with a match. An edge leads from somebody to a case they
//! were exposed to, and carries the [`Pair`]. Every edge ends at a case, so nothing read off this
//! graph is of second degree. Contacts, links, clusters and sources are read off it. Cost: 16 bytes
//! a node, 8 an edge; the edges of a node lie together.

use crate::model::{CaseIdx, Cases};
use crate::rules::exposure::Pair;
use crate::search::evidence::{Evidence, PersonId};
use petgraph::csr::Csr;
use petgraph::unionfind::UnionFind;
use rayon::prelude::*;

/// A node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Node {
    /// A case.
    Case(CaseIdx),
    /// Somebody else with a match.
    Person(PersonId),
}

impl Default for Node {
    /// A placeholder until the node is set.
    fn default() -> Node {
        Node::Person(PersonId(u32::MAX))
    }
}

/// An edge: the number of a [`Pair`], in order of the cases and the persons, and whether it
/// qualifies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PairRef(u32);

impl PairRef {
    const QUALIFIES: u32 = 1 << 31;

    /// Whether it makes a close contact, or a link between cases.
    pub fn qualifies(self) -> bool {
        self.0 & PairRef::QUALIFIES != 0
    }

    fn of(number: usize, pair: &Pair) -> PairRef {
        let number = u32::try_from(number).ok().filter(|number| number & PairRef::QUALIFIES == 0);
        let number = number.expect("fewer than 2^31 pairs");
        PairRef(if pair.qualifies { number | PairRef::QUALIFIES } else { number })
    }

    fn pair(self) -> usize {
        (self.0 & !PairRef::QUALIFIES) as usize
    }
}

/// The exposure graph.
#[derive(Debug)]
pub struct ExposureGraph {
    /// First the cases, then everybody else with a match in order of the ids.
    graph: Csr<Node, PairRef>,
    pairs: Vec<Pair>,
    cases: Vec<CaseIdx>,
    /// Which of all persons are cases.
    is_case: Vec<bool>,
}

impl ExposureGraph {
    /// Builds the graph of all pairs, with an edge from each person to each case they were exposed
    /// to; every edge ends at a case (the Notice, measure 2). A sort in parallel, and O(n).
    pub fn new(cases: &Cases, evidence: &Evidence, pairs: Vec<Pair>) -> ExposureGraph {
        let mut nodes: Vec<Node> = cases.iter().map(|(case, _)| Node::Case(case)).collect();
        let mut is_case = vec![false; evidence.persons()];
        // The node of each person; 0 for somebody who was at a watched place and met nobody.
        let mut node_of = vec![0; evidence.persons()];
        for pair in &pairs {
            node_of[pair.person.0 as usize] = u32::MAX;
        }
        for (case, row) in cases.iter() {
            if let Some(person) = evidence.find(&row.id) {
                is_case[person.0 as usize] = true;
                node_of[person.0 as usize] = case.position();
            }
        }
        for (person, node) in (0..).map(PersonId).zip(&mut node_of) {
            if *node == u32::MAX {
                *node = nodes.len() as u32;
                nodes.push(Node::Person(person));
            }
        }
        let edge = |(number, pair): (usize, &Pair)| {
            (node_of[pair.person.0 as usize], pair.case.position(), PairRef::of(number, pair))
        };
        let mut edges: Vec<(u32, u32, PairRef)> = pairs.par_iter().enumerate().map(edge).collect();
        edges.par_sort_unstable();
        let mut graph = Csr::from_sorted_edges(&edges).expect("a case and a person are one pair");
        // Cases that nobody met, and that met nobody, may come last.
        while graph.node_count() < nodes.len() {
            graph.add_node(Node::default());
        }
        for (number, node) in (0..).zip(nodes) {
            graph[number] = node;
        }
        let cases = cases.iter().map(|(case, _)| case).collect();
        ExposureGraph { graph, pairs, cases, is_case }
    }

    /// Whether somebody is a case.
    pub fn is_case(&self, person: PersonId) -> bool {
        self.is_case[person.0 as usize]
    }

    /// The graph itself, for other ways of looking at it.
    pub fn graph(&self) -> &Csr<Node, PairRef> {
        &self.graph
    }

    /// All pairs, in order of the cases and the persons.
    pub fn pairs(&self) -> &[Pair] {
        &self.pairs
    }

    /// The qualifying pairs, of contacts and of two cases, in order of the cases and the persons.
    pub fn qualifying(&self) -> impl ParallelIterator<Item = &Pair> {
        self.pairs.par_iter().filter(|pair| pair.qualifies)
    }

    /// Those of everybody who is no case.
    pub fn of_contacts(&self) -> impl ParallelIterator<Item = &Pair> {
        self.qualifying().filter(|pair| !self.is_case[pair.person.0 as usize])
    }

    /// Everybody with a match who is no case, in order of the ids, with the number of the node; in
    /// parallel.
    pub fn people(&self) -> impl IndexedParallelIterator<Item = (PersonId, u32)> {
        let nodes = self.cases.len() as u32..self.graph.node_count() as u32;
        nodes.into_par_iter().map(|node| match self.graph[node] {
            Node::Person(person) => (person, node),
            Node::Case(_) => unreachable!("the cases come first"),
        })
    }

    /// The cases the person of a node was exposed to, in order, and how: what is in the graph
    /// itself.
    pub fn exposures(&self, node: u32) -> impl Iterator<Item = (CaseIdx, PairRef)> {
        let cases = self.graph.neighbors_slice(node).iter().map(|&case| self.cases[case as usize]);
        cases.zip(self.graph.edges_slice(node).iter().copied())
    }

    /// The pair of an edge.
    pub fn pair(&self, exposure: PairRef) -> &Pair {
        &self.pairs[exposure.pair()]
    }

    /// Qualifying pairs of two cases: (case, exposed case, pair), in order. What an exposure
    /// allows, not who infected whom.
    pub fn links(&self) -> Vec<(CaseIdx, CaseIdx, &Pair)> {
        let mut links = Vec::new();
        for &exposed in &self.cases {
            let of_case = self.exposures(exposed.position());
            let qualifying = of_case.filter(|(_, exposure)| exposure.qualifies());
            let link = |(case, exposure)| (case, exposed, self.pair(exposure));
            links.extend(qualifying.map(link));
        }
        links.sort_unstable_by_key(|&(case, exposed, _)| (case, exposed));
        links
    }

    /// The clusters of cases that links join, each in order; single cases are clusters of one.
    pub fn clusters(&self) -> Vec<Vec<CaseIdx>> {
        let mut sets = UnionFind::<u32>::new(self.cases.len());
        for (case, exposed, _) in self.links() {
            sets.union(case.position(), exposed.position());
        }
        let mut clusters = std::collections::BTreeMap::<u32, Vec<CaseIdx>>::new();
        for &case in &self.cases {
            clusters.entry(sets.find(case.position())).or_default().push(case);
        }
        let mut clusters: Vec<_> = clusters.into_values().collect();
        clusters.sort();
        clusters
    }

    /// Cases that no link leads to and that were not imported: their source is not known.
    pub fn without_source(&self, cases: &Cases) -> Vec<CaseIdx> {
        let linked: hashbrown::HashSet<CaseIdx> =
            self.links().into_iter().map(|(_, exposed, _)| exposed).collect();
        let unknown = cases.iter().filter(|(case, row)| !linked.contains(case) && !row.imported);
        unknown.map(|(case, _)| case).collect()
    }
}
