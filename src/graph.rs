//! The exposure graph (petgraph): who was exposed to which case, and where.
//!
//! Nodes are the cases, everybody with a match, and the places of matches; an edge from a case to
//! another person carries the [`Pair`]. There is no edge from anybody but a case, so nothing read off
//! this graph is of second degree. Contacts, links, clusters and sources are read off it.

use crate::exposure::Pair;
use crate::model::{CaseIdx, Cases, PlaceId};
use crate::scan::{Evidence, PersonId};
use hashbrown::HashMap;
use petgraph::Incoming;
use petgraph::graph::{DiGraph, EdgeIndex, NodeIndex};
use petgraph::unionfind::UnionFind;
use petgraph::visit::EdgeRef;
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
#[derive(Debug, Clone)]
pub enum Edge {
    /// From a case to another person.
    Exposure(Pair),
    /// From that person to a place where it happened.
    At,
}

/// A pair in the graph: the number of its edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PairId(EdgeIndex);

/// The exposure graph.
#[derive(Debug)]
pub struct ExposureGraph {
    graph: DiGraph<Node, Edge>,
    /// The node of each case.
    of_case: Vec<NodeIndex>,
}

impl ExposureGraph {
    /// Builds the graph of all pairs. O(pairs + their places).
    pub fn new(cases: &Cases, evidence: &Evidence, pairs: Vec<Pair>) -> ExposureGraph {
        let mut graph = DiGraph::with_capacity(cases.len() + pairs.len(), pairs.len() * 2);
        let of_case: Vec<NodeIndex> =
            cases.iter().map(|(case, _)| graph.add_node(Node::Case(case))).collect();
        let mut of_person: HashMap<PersonId, NodeIndex> = HashMap::new();
        let mut of_place: HashMap<PlaceId, NodeIndex> = HashMap::new();
        for (case, row) in cases.iter() {
            if let Some(person) = evidence.find(&row.id) {
                of_person.insert(person, of_case[case.0 as usize]);
            }
        }
        for pair in pairs {
            let person = pair.person;
            let exposed =
                *of_person.entry(person).or_insert_with(|| graph.add_node(Node::Person(person)));
            for &place in &pair.places {
                let at =
                    *of_place.entry(place).or_insert_with(|| graph.add_node(Node::Place(place)));
                graph.add_edge(exposed, at, Edge::At);
            }
            graph.add_edge(of_case[pair.case.0 as usize], exposed, Edge::Exposure(pair));
        }
        ExposureGraph { graph, of_case }
    }

    /// The graph itself, for other ways of looking at it.
    pub fn graph(&self) -> &DiGraph<Node, Edge> {
        &self.graph
    }

    /// A pair.
    pub fn pair(&self, number: PairId) -> &Pair {
        match &self.graph[number.0] {
            Edge::Exposure(pair) => pair,
            Edge::At => unreachable!("only edges of pairs are given out"),
        }
    }

    /// Everybody with a match who is no case, with his pairs in order of the cases; in parallel.
    pub fn exposed(&self) -> impl ParallelIterator<Item = (PersonId, Vec<PairId>)> {
        (0..self.graph.node_count()).into_par_iter().filter_map(|node| {
            let node = NodeIndex::new(node);
            let Node::Person(person) = self.graph[node] else { return None };
            let edges = self.graph.edges_directed(node, Incoming);
            let exposures = edges.filter(|edge| matches!(edge.weight(), Edge::Exposure(_)));
            let mut pairs: Vec<PairId> = exposures.map(|edge| PairId(edge.id())).collect();
            pairs.sort_unstable_by_key(|&pair| self.pair(pair).case);
            Some((person, pairs))
        })
    }

    /// Qualifying pairs of two cases: (infector, infectee, pair), in order. What an exposure allows,
    /// not who infected whom.
    pub fn links(&self) -> Vec<(CaseIdx, CaseIdx, &Pair)> {
        let mut links = Vec::new();
        for &node in &self.of_case {
            for edge in self.graph.edges_directed(node, Incoming) {
                if let (Edge::Exposure(pair), Node::Case(infectee)) =
                    (edge.weight(), self.graph[edge.target()])
                    && pair.qualifies
                {
                    links.push((pair.case, infectee, pair));
                }
            }
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
