//! The exposure graph (petgraph): who was exposed to which case, and where.
//!
//! Nodes are the cases, everybody with a match, and the places of matches; an edge from a case to
//! another person carries the [`Pair`]. There is no edge from anybody but a case, so nothing read off
//! this graph is of second degree. Contacts, links, clusters and sources are read off it.

use crate::evidence::{PersonId, Settled};
use crate::exposure::Pair;
use crate::model::{CaseIdx, Cases, PlaceId};
use hashbrown::HashMap;
use petgraph::Incoming;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::unionfind::UnionFind;
use rayon::prelude::*;

/// A node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Node {
    /// A case.
    Case(CaseIdx),
    /// Somebody else with a match.
    Person(PersonId),
    /// A place of a match.
    Place(PlaceId),
}

/// An edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edge {
    /// From a case to another person.
    Exposure(PairId),
    /// From that person to a place where it happened.
    At,
}

/// The number of a pair, in order of the cases and the persons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PairId(u32);

/// The pairs of one person, who seldom has more than a few.
pub type PairIds = smallvec::SmallVec<[PairId; 4]>;

/// The exposure graph.
#[derive(Debug)]
pub struct ExposureGraph {
    graph: DiGraph<Node, Edge>,
    pairs: Vec<Pair>,
    /// The node of each case: the first of all nodes.
    of_case: Vec<NodeIndex>,
    /// The node of each person with a match.
    of_person: Vec<NodeIndex>,
}

impl ExposureGraph {
    /// Builds the graph of all pairs. O(pairs + their places).
    pub fn new(cases: &Cases, evidence: &Settled, pairs: Vec<Pair>) -> ExposureGraph {
        let mut graph = DiGraph::with_capacity(cases.len() + pairs.len(), pairs.len() * 2);
        let of_case: Vec<NodeIndex> =
            cases.iter().map(|(case, _)| graph.add_node(Node::Case(case))).collect();
        let mut of_person = vec![NodeIndex::end(); evidence.persons()];
        let mut of_place: HashMap<PlaceId, NodeIndex> = HashMap::new();
        for (case, row) in cases.iter() {
            if let Some(person) = evidence.find(&row.id) {
                of_person[person.0 as usize] = of_case[case.0 as usize];
            }
        }
        let mut places = Vec::new();
        for (number, pair) in (0..).map(PairId).zip(&pairs) {
            let exposed = &mut of_person[pair.person.0 as usize];
            if *exposed == NodeIndex::end() {
                *exposed = graph.add_node(Node::Person(pair.person));
            }
            let exposed = *exposed;
            places.clear();
            places.extend(pair.places(evidence));
            places.sort_unstable();
            places.dedup();
            for &place in &places {
                let at =
                    *of_place.entry(place).or_insert_with(|| graph.add_node(Node::Place(place)));
                graph.add_edge(exposed, at, Edge::At);
            }
            graph.add_edge(of_case[pair.case.0 as usize], exposed, Edge::Exposure(number));
        }
        ExposureGraph { graph, pairs, of_case, of_person }
    }

    /// The graph itself, for other ways of looking at it.
    pub fn graph(&self) -> &DiGraph<Node, Edge> {
        &self.graph
    }

    /// A pair.
    pub fn pair(&self, number: PairId) -> &Pair {
        &self.pairs[number.0 as usize]
    }

    /// The qualifying pairs of everybody who is no case, in order of the cases and the persons.
    pub fn of_contacts(&self) -> impl ParallelIterator<Item = &Pair> {
        let is_case =
            |person: PersonId| self.of_person[person.0 as usize].index() < self.of_case.len();
        self.pairs.par_iter().filter(move |pair| pair.qualifies && !is_case(pair.person))
    }

    /// Everybody with a match who is no case, with his pairs in order of the cases; in parallel, and
    /// with nothing in between where a node is another's.
    pub fn people(&self) -> impl IndexedParallelIterator<Item = Option<(PersonId, PairIds)>> {
        (0..self.graph.node_count()).into_par_iter().map(|node| {
            let node = NodeIndex::new(node);
            let Node::Person(person) = self.graph[node] else { return None };
            let mut pairs: PairIds = self.exposures(node).collect();
            pairs.sort_unstable();
            Some((person, pairs))
        })
    }

    /// The pairs of the person of a node.
    fn exposures(&self, node: NodeIndex) -> impl Iterator<Item = PairId> {
        self.graph.edges_directed(node, Incoming).filter_map(|edge| match *edge.weight() {
            Edge::Exposure(pair) => Some(pair),
            Edge::At => None,
        })
    }

    /// Qualifying pairs of two cases: (infector, infectee, pair), in order. What an exposure allows,
    /// not who infected whom.
    pub fn links(&self) -> Vec<(CaseIdx, CaseIdx, &Pair)> {
        let mut links = Vec::new();
        for (infectee, &node) in (0..).map(CaseIdx).zip(&self.of_case) {
            let pairs = self.exposures(node).map(|pair| self.pair(pair));
            let qualifying = pairs.filter(|pair| pair.qualifies);
            links.extend(qualifying.map(|pair| (pair.case, infectee, pair)));
        }
        links.sort_unstable_by_key(|&(infector, infectee, _)| (infector, infectee));
        links
    }

    /// The clusters of cases that links join, each in order; single cases are clusters of one.
    pub fn clusters(&self) -> Vec<Vec<CaseIdx>> {
        let mut sets = UnionFind::<u32>::new(self.of_case.len());
        for (infector, infectee, _) in self.links() {
            sets.union(infector.0, infectee.0);
        }
        let mut clusters = std::collections::BTreeMap::<u32, Vec<CaseIdx>>::new();
        for case in 0..self.of_case.len() as u32 {
            clusters.entry(sets.find(case)).or_default().push(CaseIdx(case));
        }
        let mut clusters: Vec<_> = clusters.into_values().collect();
        clusters.sort();
        clusters
    }

    /// Cases that no link leads to and that were not imported: their source is not known.
    pub fn without_source(&self, cases: &Cases) -> Vec<CaseIdx> {
        let linked: hashbrown::HashSet<CaseIdx> =
            self.links().into_iter().map(|(_, infectee, _)| infectee).collect();
        let unknown = cases.iter().filter(|(case, row)| !linked.contains(case) && !row.imported);
        unknown.map(|(case, _)| case).collect()
    }
}
