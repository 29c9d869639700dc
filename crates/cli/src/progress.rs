//! A progress bar for work that takes longer than a person likes to wait without a word.
//!
//! It is drawn on standard error, only if that is a terminal, and only once the work has taken a
//! second. It takes itself away when it is done, so nothing of it is left among the output.

use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

/// So long nothing is drawn.
const PATIENCE: Duration = Duration::from_secs(1);

/// So long a drawing stays.
const STEP: Duration = Duration::from_millis(100);

/// Columns between the brackets.
const WIDTH: usize = 30;

/// A bar that is drawn when it has something to say.
pub(crate) struct Progress<W: Write> {
    output: W,
    what: String,
    /// When it is drawn next; never if nobody looks.
    next: Option<Instant>,
    drawn: bool,
}

impl Progress<io::Stderr> {
    /// A bar on standard error for work that begins now.
    pub(crate) fn new(what: String) -> Self {
        let output = io::stderr();
        let seen = output.is_terminal();
        Progress::on(output, what, seen.then(Instant::now))
    }
}

impl<W: Write> Progress<W> {
    fn on(output: W, what: String, begun: Option<Instant>) -> Self {
        Progress {
            output,
            what,
            next: begun.map(|begun| begun + PATIENCE),
            drawn: false,
        }
    }

    /// So much of the work is done.
    pub(crate) fn advance(&mut self, done: usize, total: usize) {
        if self.next.is_some() {
            self.advance_at(done, total, Instant::now());
        }
    }

    fn advance_at(&mut self, done: usize, total: usize, now: Instant) {
        if self.next.is_none_or(|next| now < next) {
            return;
        }
        self.next = Some(now + STEP);
        self.drawn = true;
        let line = bar(&self.what, done, total);
        self.write(&line);
    }

    /// Shows it, if somebody still looks.
    fn write(&mut self, text: &str) {
        let written = self.output.write_all(text.as_bytes());
        if written.and_then(|()| self.output.flush()).is_err() {
            self.next = None;
        }
    }
}

impl<W: Write> Drop for Progress<W> {
    /// Takes the bar away.
    fn drop(&mut self) {
        if self.drawn {
            self.write("\r\x1b[K");
        }
    }
}

/// One drawing: back to the beginning of the line, and over what is there.
fn bar(what: &str, done: usize, total: usize) -> String {
    let done = done.min(total);
    let percent = done.saturating_mul(100).checked_div(total).unwrap_or(100);
    let full = WIDTH * percent / 100;
    let mut line = String::from("\r[");
    for column in 0..WIDTH {
        line.push(if column < full { '#' } else { '.' });
    }
    let _ = write!(line, "] {percent:>3} % {what}\x1b[K");
    line
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::Progress;

    /// What is written when the work is asked about after so many milliseconds each.
    fn written(seen: bool, calls: &[(u64, usize)]) -> String {
        let begun = Instant::now();
        let mut output = Vec::new();
        let mut progress = Progress::on(&mut output, "x.wasm".to_owned(), seen.then_some(begun));
        for &(milliseconds, done) in calls {
            progress.advance_at(done, 200, begun + Duration::from_millis(milliseconds));
        }
        drop(progress);
        String::from_utf8(output).unwrap()
    }

    #[test]
    fn quick_work_shows_nothing() {
        assert_eq!(written(true, &[(10, 50), (999, 200)]), "");
    }

    #[test]
    fn nothing_is_shown_where_nobody_looks() {
        assert_eq!(written(false, &[(5_000, 100), (60_000, 200)]), "");
    }

    #[test]
    fn slow_work_shows_how_far_it_is_and_cleans_up() {
        let half = "\r[###############...............]  50 % x.wasm\x1b[K";
        let all = "\r[##############################] 100 % x.wasm\x1b[K";
        assert_eq!(
            written(true, &[(1_000, 100), (1_050, 120), (1_100, 200)]),
            format!("{half}{all}\r\x1b[K")
        );
    }
}
