//! Graphs: shortest paths, components, spanning trees, orders and ranks on a random road map.

use petgraph::algo::{
    astar, connected_components, dijkstra, kosaraju_scc, min_spanning_tree, page_rank, toposort,
};
use petgraph::data::FromElements;
use petgraph::graph::{DiGraph, NodeIndex, UnGraph};
use petgraph::visit::{Bfs, Dfs, EdgeRef};

fn next(seed: &mut u64) -> usize {
    *seed = seed
        .wrapping_mul(6364136223846793005)
        .wrapping_add(1442695040888963407);
    (*seed >> 33) as usize
}

fn main() {
    const NODES: usize = 1500;
    let mut seed = 42;
    let mut roads = DiGraph::<usize, u32>::new();
    let nodes: Vec<NodeIndex> = (0..NODES).map(|number| roads.add_node(number)).collect();
    for _ in 0..NODES * 4 {
        let (from, to) = (next(&mut seed) % NODES, next(&mut seed) % NODES);
        roads.add_edge(nodes[from], nodes[to], 1 + next(&mut seed) as u32 % 100);
    }
    for start in 0..20 {
        let reached = dijkstra(&roads, nodes[start], None, |edge| *edge.weight());
        let goal = nodes[(start * 71 + 5) % NODES];
        let path = astar(
            &roads,
            nodes[start],
            |node| node == goal,
            |edge| *edge.weight(),
            |_| 0,
        );
        println!(
            "{start}: {} reached, the last at {:?}, {:?}",
            reached.len(),
            reached.values().max(),
            path.map(|(cost, nodes)| (cost, nodes.len()))
        );
    }
    println!("{} strong components", kosaraju_scc(&roads).len());
    let mut undirected = UnGraph::<usize, u32>::new_undirected();
    let plain: Vec<NodeIndex> = (0..NODES)
        .map(|number| undirected.add_node(number))
        .collect();
    for edge in roads.edge_references() {
        undirected.add_edge(
            plain[edge.source().index()],
            plain[edge.target().index()],
            *edge.weight(),
        );
    }
    let tree: UnGraph<usize, u32> = UnGraph::from_elements(min_spanning_tree(&undirected));
    println!(
        "{} components, a tree of {}",
        connected_components(&undirected),
        tree.edge_weights().sum::<u32>()
    );
    let (mut deep, mut broad) = (Dfs::new(&roads, nodes[0]), Bfs::new(&roads, nodes[0]));
    let (mut count, mut mix) = (0, 0usize);
    while let (Some(a), Some(b)) = (deep.next(&roads), broad.next(&roads)) {
        count += 1;
        mix = mix.wrapping_mul(31).wrapping_add(a.index() ^ b.index());
    }
    println!("{count} visited, {mix}");
    let downhill = roads.filter_map(
        |_, node| Some(*node),
        |edge, weight| {
            let (from, to) = roads.edge_endpoints(edge)?;
            (from < to).then_some(*weight)
        },
    );
    println!(
        "order of {:?} nodes",
        toposort(&downhill, None).map(|order| order.len()).ok()
    );
    let small: DiGraph<usize, u32> = roads.filter_map(
        |node, _| (node.index() < 60).then_some(node.index()),
        |_, weight| Some(*weight),
    );
    println!(
        "{:.4?}",
        page_rank(&small, 0.85f64, 10)
            .iter()
            .cloned()
            .fold(0.0, f64::max)
    );
}
