//! Cells of a campus, a works or a park: areas between which people move are kept together, so that
//! few ways of people are cut (分区切割、划小单元).
//!
//! Sources: Shanxi, risk areas (close as a whole, cut into parts, draw small units, manage by
//! grid); the Notice, measures 18 and 19. The areas and the moves between them are a weighted graph
//! (petgraph); its communities are found by the Louvain method (Blondel and others, 2008): each
//! area moves to the neighbouring community that raises modularity most, until none does; then
//! communities become areas, and so on. Areas are taken in their order; of equal gains their own
//! community comes first, then the smallest, so the order of rows does not matter.
//! Cost: O(moves × rounds), and there are few rounds.

use petgraph::graph::{NodeIndex, UnGraph};
use petgraph::visit::EdgeRef;
use std::collections::BTreeMap;

/// The cell of each of `areas` areas, numbered from 0 in the order of their first areas. `moves`
/// are pairs of areas and how many people went from one to the other, or back.
///
/// ```
/// use trace::rules::cells::cells;
/// // Two houses of three rooms, and one way between them.
/// let moves = [(0, 1, 9), (1, 2, 9), (0, 2, 9), (3, 4, 9), (4, 5, 9), (3, 5, 9), (2, 3, 1)];
/// assert_eq!(cells(6, &moves), [0, 0, 0, 1, 1, 1]);
/// ```
pub fn cells(areas: usize, moves: &[(usize, usize, u64)]) -> Vec<usize> {
    let mut weights: BTreeMap<(usize, usize), u64> = BTreeMap::new();
    for &(a, b, people) in moves.iter().filter(|(a, b, _)| a != b) {
        *weights.entry((a.min(b), a.max(b))).or_default() += people;
    }
    let mut graph: UnGraph<(), u64> = UnGraph::new_undirected();
    (0..areas).for_each(|_| _ = graph.add_node(()));
    for ((a, b), people) in weights {
        graph.add_edge(NodeIndex::new(a), NodeIndex::new(b), people);
    }
    let mut cell_of: Vec<usize> = (0..areas).collect();
    loop {
        let communities = one_round(&graph);
        let next = in_order(&communities);
        let count = next.iter().max().map_or(0, |last| last + 1);
        cell_of.iter_mut().for_each(|cell| *cell = next[*cell]);
        if count == graph.node_count() {
            return in_order(&cell_of);
        }
        graph = joined(&graph, &next, count);
    }
}

/// One round of Louvain: the community of each node once no single move gains. Gains of modularity
/// are counted in moves squared, as whole numbers, so nothing depends on the order of sums.
fn one_round(graph: &UnGraph<(), u64>) -> Vec<usize> {
    let nodes = graph.node_count();
    let total: u64 = graph.edge_references().map(|edge| *edge.weight()).sum();
    // A move inside an area counts at both of its ends.
    let degree = |node: NodeIndex| -> u64 {
        let own = |edge: petgraph::graph::EdgeReference<'_, u64>| {
            edge.weight() * if edge.source() == edge.target() { 2 } else { 1 }
        };
        graph.edges(node).map(own).sum()
    };
    let degrees: Vec<u64> = graph.node_indices().map(degree).collect();
    let mut community: Vec<usize> = (0..nodes).collect();
    let mut sums = degrees.clone();
    loop {
        let mut moved = false;
        for node in graph.node_indices() {
            let (at, own) = (node.index(), community[node.index()]);
            let mut to: BTreeMap<usize, u64> = BTreeMap::from([(own, 0)]);
            for edge in graph.edges(node).filter(|edge| edge.source() != edge.target()) {
                *to.entry(community[edge.target().index()]).or_default() += edge.weight();
            }
            sums[own] -= degrees[at];
            // Gain: 2 m k_in - k sum, in 128 bits.
            let gain = |community: usize, inside: u64| {
                i128::from(2 * total) * i128::from(inside)
                    - i128::from(degrees[at]) * i128::from(sums[community])
            };
            let stay = gain(own, to[&own]);
            let mut best = (stay, own);
            for (&other, &inside) in &to {
                let here = gain(other, inside);
                if here > best.0 {
                    best = (here, other);
                }
            }
            sums[best.1] += degrees[at];
            if best.1 != own {
                community[at] = best.1;
                moved = true;
            }
        }
        if !moved {
            return community;
        }
    }
}

/// Communities numbered from 0 in the order of their first members.
fn in_order(communities: &[usize]) -> Vec<usize> {
    let mut numbers: BTreeMap<usize, usize> = BTreeMap::new();
    let number = |of: &usize| {
        let next = numbers.len();
        *numbers.entry(*of).or_insert(next)
    };
    communities.iter().map(number).collect()
}

/// The graph of the communities: what is inside one is an edge to itself.
fn joined(graph: &UnGraph<(), u64>, of: &[usize], count: usize) -> UnGraph<(), u64> {
    let mut weights: BTreeMap<(usize, usize), u64> = BTreeMap::new();
    for edge in graph.edge_references() {
        let (a, b) = (of[edge.source().index()], of[edge.target().index()]);
        *weights.entry((a.min(b), a.max(b))).or_default() += edge.weight();
    }
    let mut joined = UnGraph::new_undirected();
    (0..count).for_each(|_| _ = joined.add_node(()));
    for ((a, b), weight) in weights {
        joined.add_edge(NodeIndex::new(a), NodeIndex::new(b), weight);
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// 4 m² times the modularity, from its definition.
    fn modularity(areas: usize, moves: &[(usize, usize, u64)], of: &[usize]) -> i128 {
        let moves: Vec<_> = moves.iter().filter(|(a, b, _)| a != b).collect();
        let total: i128 = moves.iter().map(|(.., n)| i128::from(*n)).sum();
        let mut sum = 0;
        for i in 0..areas {
            for j in (0..areas).filter(|&j| of[i] == of[j]) {
                let degree = |at: usize| -> i128 {
                    let own = moves.iter().filter(|(a, b, _)| *a == at || *b == at);
                    own.map(|(.., n)| i128::from(*n)).sum()
                };
                let is_edge = |(a, b): (usize, usize)| (a, b) == (i, j) || (b, a) == (i, j);
                let edges = moves.iter().filter(|(a, b, _)| is_edge((*a, *b)));
                let between: i128 = edges.map(|(.., n)| i128::from(*n)).sum();
                sum += 2 * total * between - degree(i) * degree(j);
            }
        }
        sum
    }

    proptest! {
        /// The cells are never worse than one cell for all, or one for each; and the order of the
        /// moves does not matter.
        #[test]
        fn no_move_makes_them_better(
            moves in proptest::collection::vec((0usize..8, 0usize..8, 1u64..20), 0..24)) {
            let found = cells(8, &moves);
            let own = modularity(8, &moves, &found);
            prop_assert!(own >= modularity(8, &moves, &[0; 8]));
            prop_assert!(own >= modularity(8, &moves, &[0, 1, 2, 3, 4, 5, 6, 7]));
            let mut turned: Vec<_> = moves.iter().map(|&(a, b, n)| (b, a, n)).collect();
            turned.reverse();
            prop_assert_eq!(cells(8, &turned), found);
        }
    }
}
