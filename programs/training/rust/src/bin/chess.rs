//! Chess: counts the legal moves below a few positions, and plays a short game by a plain search.

use shakmaty::{CastlingMode, Chess, Color, Position, Role, fen::Fen, perft};

fn worth(position: &Chess) -> i32 {
    let board = position.board();
    let side = |colour: Color| {
        let pieces = |role: Role, each: i32| {
            (board.by_color(colour) & board.by_role(role)).count() as i32 * each
        };
        pieces(Role::Pawn, 100)
            + pieces(Role::Knight, 310)
            + pieces(Role::Bishop, 330)
            + pieces(Role::Rook, 500)
            + pieces(Role::Queen, 900)
    };
    let score = side(Color::White) - side(Color::Black);
    (if position.turn() == Color::White {
        score
    } else {
        -score
    }) + position.legal_moves().len() as i32
}

fn search(position: &Chess, depth: u32, mut low: i32, high: i32) -> i32 {
    if depth == 0 {
        return worth(position);
    }
    let moves = position.legal_moves();
    if moves.is_empty() {
        return if position.is_check() { -100_000 } else { 0 };
    }
    for step in moves {
        let mut next = position.clone();
        next.play_unchecked(step);
        low = low.max(-search(&next, depth - 1, -high, -low));
        if low >= high {
            break;
        }
    }
    low
}

fn main() {
    let positions = [
        "rnbqkbnr/pppppppp/8/8/8/8/PPPPPPPP/RNBQKBNR w KQkq - 0 1",
        "r3k2r/p1ppqpb1/bn2pnp1/3PN3/1p2P3/2N2Q1p/PPPBBPPP/R3K2R w KQkq - 0 1",
        "8/2p5/3p4/KP5r/1R3p1k/8/4P1P1/8 w - - 0 1",
    ];
    for text in positions {
        let fen: Fen = text.parse().expect("a position");
        let position: Chess = fen
            .into_position(CastlingMode::Standard)
            .expect("a legal position");
        println!(
            "{text}: {} {} {}",
            perft(&position, 1),
            perft(&position, 2),
            perft(&position, 3)
        );
    }
    let mut game = Chess::default();
    for _ in 0..8 {
        let score = |step: &shakmaty::Move| {
            let mut next = game.clone();
            next.play_unchecked(step.clone());
            -search(&next, 1, -1_000_000, 1_000_000)
        };
        let Some(best) = game.legal_moves().into_iter().max_by_key(score) else {
            break;
        };
        print!("{best} ");
        game.play_unchecked(best);
    }
    println!();
}
